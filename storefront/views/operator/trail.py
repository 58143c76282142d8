"""The audit trail: who changed what and when, narrowed as the address says, and as a CSV file."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel import audit
from kernel.audit import AuditTarget
from kernel.audit.selectors import Looked, look
from kernel.ids import public_id
from kernel.pagination import InvalidCursor, PageOf
from kernel.transactions import atomic
from storefront import trail
from storefront.lists import EXPORT_LIMIT, csv_answer, window
from storefront.pages import language, operator_desk
from storefront.trail_filters import Asked, asked
from storefront.words.trail import ACTORS, change, kinds
from storefront.words.trail_things import AREAS

NOTHING: PageOf[Any] = PageOf([], has_more=False, next_cursor=None)


@require_safe
@operator_desk("audit")
def listing(request: HttpRequest) -> HttpResponseBase:
    """What was changed on the platform, the last first."""
    found = asked(request)
    if found.person and request.GET.get("who", "").strip() != found.given["who"]:
        # No name or e-mail address stays in the address of the page.
        query = request.GET.copy()
        query["who"] = found.given["who"]
        return redirect(f"{request.path}?{query.urlencode()}")
    if request.GET.get("format") == "csv" and not found.wrong and request.method == "GET":
        return _export(found)
    looked, wrong = _looked(request, found)
    context = {
        "asked": found,
        "wrong": wrong,
        "looked": looked,
        "page": looked.page,
        "rows": trail.rows(looked.page.items),
        "areas": AREAS,
        "kinds": kinds(found.given["area"]) if found.given["area"] in AREAS else [],
        "actors": ACTORS,
        "limit": EXPORT_LIMIT,
    }
    return render(request, "storefront/operator/audit.html", context)


def _looked(request: HttpRequest, found: Asked) -> tuple[Looked, list[str]]:
    if found.wrong:
        return Looked(NOTHING, None), found.wrong
    try:
        return look(found.sought, **window(request)), []
    except InvalidCursor:
        return Looked(NOTHING, None), [_("There is no such page of the list; begin anew.")]


def _export(found: Asked) -> HttpResponseBase:
    """As many as a file may have; that it was taken is in the trail."""
    narrowed = {name: value for name, value in found.given.items() if value}
    with atomic():
        audit.record(
            "kernel.trail.exported",
            target=AuditTarget("kernel.trail", None),
            after={"filters": narrowed},
        )
    header = [_("Time"), _("Business time"), _("Kind of actor"), _("Who"), _("Name"),
              _("Merchant"), _("Kind of change"), _("Change"), _("Kind of object"), _("Object"),
              _("Before"), _("After"), _("Request")]  # fmt: skip
    return csv_answer("audit-trail", header, _lines(found, language()))


def _lines(found: Asked, speak: str) -> Iterator[list[object]]:
    written, cursor = 0, None
    with translation.override(speak):
        while True:
            page = look(found.sought, cursor=cursor, limit=100).page
            for row in trail.rows(page.items):
                yield _line(row)
            written, cursor = written + len(page.items), page.next_cursor
            if cursor is None:
                return
            if written >= EXPORT_LIMIT:
                yield [_("Only this many changes fit in a file; narrow the filter for the rest.")]
                return


def _line(row: trail.Row) -> list[object]:
    """Buyers by number alone: a file outlives the erasure of a name."""
    entry = row.entry
    person = entry.actor_person_id
    return [
        entry.created_at.isoformat(timespec="milliseconds"),
        entry.business_at.isoformat(timespec="milliseconds"),
        ACTORS.get(entry.actor_kind, entry.actor_kind),
        public_id("per", person) if person else entry.actor_label,
        row.who if person and entry.actor_kind != "buyer" else "",
        public_id("mer", entry.merchant_id) if entry.merchant_id else "",
        entry.action,
        change(entry.action),
        entry.target_type,
        row.number,
        json.dumps(entry.before, ensure_ascii=False),
        json.dumps(entry.after, ensure_ascii=False),
        entry.request_id,
    ]
