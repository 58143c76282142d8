"""A person's copy of what is kept about them: asked for, made by a job, there for some days."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID

import orjson
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from kernel import audit, clock, jobs, mail, personal, privacy, transactions
from kernel.errors import NotFound
from kernel.ids import public_id
from platforms import addresses, locks, selectors
from platforms.contracts_privacy import ExportInfo, ExportState
from platforms.models import DataExport, Person
from platforms.services.sign_in import confirm_password, limit_asking

KEPT = timedelta(days=7)
A_DAY = 5
JOB = "platforms.make_export"


def request_export(*, person_id: UUID, password: str) -> ExportInfo:
    """Have a copy made; one that is being made is that one.

    Raises WrongCredentials, TooManyAttempts (five a day).
    """
    confirm_password(person_id=person_id, password=password, field="password")
    limit_asking("export", str(person_id), limit=A_DAY, window=timedelta(days=1))
    with transactions.atomic():
        person = locks.person(person_id)
        row = DataExport.objects.filter(person=person, state=ExportState.REQUESTED).first()
        if row is None:
            row = DataExport(person=person)
            row.save(force_insert=True)
            audit.record(action="platforms.export.requested", target=row, after={})
        jobs.enqueue(JOB, {"export_id": row.id}, unique=str(row.id))
        return export_info(row)


def make_export(*, export_id: UUID) -> bool:
    """Make the copy and tell its person; whether there was one to make. Work that was cut off is
    done again from the beginning."""
    row = DataExport.objects.select_related("person").filter(id=export_id).first()
    if row is None or row.state != ExportState.REQUESTED:
        return False
    person = row.person
    if personal.erased(person.id):
        DataExport.objects.filter(id=row.id).delete()
        return False
    with translation.override(person.language):
        content = _zip(person)
    sealed = personal.seal_data(person.id, content)
    now = clock.system()
    with transactions.atomic():
        row = DataExport.objects.select_for_update().get(id=export_id)
        if row.state != ExportState.REQUESTED:
            return False
        row.move(ExportState.READY, action="platforms.export.made")
        row.content_sealed, row.size = sealed, len(content)
        row.ready_at, row.expires_at = now, now + KEPT
        row.save()
        mail.send(
            to=selectors.opened(person.id, person.email_sealed),
            subject=person.id,
            template="platforms/export_ready",
            context={
                "platform": selectors.current_platform().name(person.language),
                "link": addresses.platform_url("/account/data/"),
                "days": KEPT.days,
            },
            language=person.language,
        )
    return True


def exports_of(*, person_id: UUID) -> list[ExportInfo]:
    """The person's copies, the latest first."""
    rows = DataExport.objects.filter(person_id=person_id).defer("content_sealed")
    return [export_info(row) for row in rows.order_by("-id")[:20]]


def export(*, person_id: UUID, export_id: UUID) -> ExportInfo:
    """One of the person's copies. Raises NotFound."""
    rows = DataExport.objects.filter(id=export_id, person_id=person_id).defer("content_sealed")
    row = rows.first()
    if row is None:
        raise NotFound
    return export_info(row)


def export_content(*, person_id: UUID, export_id: UUID) -> tuple[str, bytes]:
    """(file name, ZIP) of a copy; that it was fetched is kept. Raises NotFound, also once it is
    gone."""
    row = DataExport.objects.filter(
        id=export_id, person_id=person_id, state=ExportState.READY, expires_at__gt=clock.system()
    ).first()
    if row is None or row.content_sealed is None:
        raise NotFound
    content = personal.open_data(person_id, bytes(row.content_sealed))
    if content is None:
        raise NotFound
    audit.record(action="platforms.export.fetched", target=row, after={})
    code = selectors.current_platform().code
    return f"{code}-{clock.day_of(row.created_at):%Y%m%d}-{public_id('dtx', row.id)}.zip", content


def forget_exports() -> int:
    """Remove copies whose days are over; how many."""
    with transactions.atomic():
        rows = DataExport.objects.select_for_update(skip_locked=True).filter(
            state=ExportState.READY, expires_at__lt=clock.system()
        )
        gone = list(rows.defer("content_sealed").order_by("id")[:100])
        for row in gone:
            row.move(ExportState.EXPIRED, action="platforms.export.expired")
            row.content_sealed = None
            row.save()
    return len(gone)


def export_info(row: DataExport) -> ExportInfo:
    """The contract of a row."""
    return ExportInfo(
        id=row.id,
        state=str(row.state),
        size=row.size,
        requested_at=row.created_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
    )


def _zip(person: Person) -> bytes:
    """``data.json`` for programs, ``index.html`` for people."""
    platform = selectors.current_platform()
    sections = [
        {"name": one.name, "title": str(one.title), "rows": list(one.rows(person.id))}
        for one in sorted(privacy.SECTIONS.values(), key=lambda one: one.name != "profile")
    ]
    told = {
        "platform": {"code": platform.code, "name": platform.name(person.language)},
        "person": public_id("per", person.id),
        "made_at": clock.system().isoformat(),
        "language": person.language,
        "sections": sections,
    }
    page = render_to_string(
        "platforms/export.html",
        {
            **told,
            "title": gettext("What is kept about you"),
            "sections": [{**one, "rows": [_pairs(row) for row in one["rows"]]} for one in sections],
        },
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
        file.writestr("index.html", page)
    return made.getvalue()


def _pairs(value: object, path: str = "") -> list[tuple[str, str]]:
    """Nested values as lines: ``address.city``, ``长春``."""
    if isinstance(value, dict):
        deeper = ((f"{path}.{name}" if path else str(name), item) for name, item in value.items())
    elif isinstance(value, list):
        deeper = ((f"{path}.{place}", item) for place, item in enumerate(value, start=1))
    else:
        return [(path, "" if value is None else str(value))]
    return [pair for name, item in deeper for pair in _pairs(item, name)]
