"""From draft to published version, and back to an earlier one."""

from typing import Any
from uuid import UUID

from kernel import audit, clock, outbox, transactions
from kernel.actors import current_actor
from search import events, locks
from search.contracts.tuning import DraftInfo, VersionInfo
from search.errors import NothingToPublish
from search.models import SearchRedirect, SearchRule, SearchTuning, SynonymGroup, TuningVersion
from search.selectors import tuning as selectors
from search.services.tuning import forget

_MODELS: dict[str, Any] = {
    "rules": SearchRule,
    "synonyms": SynonymGroup,
    "redirects": SearchRedirect,
}
_DATES = {"starts_at", "ends_at"}


def publish(*, note: str = "") -> VersionInfo:
    """Make the draft what searches use. Raises NothingToPublish."""
    with transactions.atomic():
        row = locks.tuning()
        content = selectors.draft_content()
        if not selectors.differences(content, selectors.content_of(row.published)):
            raise NothingToPublish
        number = _keep(row, content, note=note)
    forget()
    return selectors.version(number)


def restore(*, number: int) -> VersionInfo:
    """Publish an earlier version again, as a new one; the draft becomes the same.

    Raises NotFound, NothingToPublish when it is what is published now.
    """
    with transactions.atomic():
        row = locks.tuning()
        old = selectors.version(number)
        if old.content == selectors.content_of(row.published):
            raise NothingToPublish
        _load(row, dict(old.content))
        made = _keep(row, selectors.draft_content(), note=old.note, restored_from=number)
    forget()
    return selectors.version(made)


def discard() -> DraftInfo:
    """Take the draft back to what is published."""
    with transactions.atomic():
        row = locks.tuning()
        before = selectors.draft_content()
        content = selectors.content_of(row.published)
        _load(row, content)
        row.save(update_fields=["weights"])
        gone = [f"{one.kind} {one.name}" for one in selectors.differences(before, content)]
        audit.record("search.draft.discarded", target=row, before={"differences": gone[:50]})
    return selectors.draft()


def _keep(
    row: SearchTuning, content: dict[str, Any], *, note: str, restored_from: int | None = None
) -> int:
    before = row.published
    latest = TuningVersion.objects.order_by("-number").values_list("number", flat=True).first()
    row.published = (latest or 0) + 1
    row.save(update_fields=["published", "weights"])
    TuningVersion.objects.create(
        number=row.published,
        content=content,
        note=note[:200],
        restored_from=restored_from,
        published_by=current_actor().person_id,
        created_at=clock.system(),
    )
    after = {"number": row.published, "restored_from": restored_from}
    audit.record("search.tuning.published", target=row, before={"number": before}, after=after)
    outbox.append(events.TuningPublished(number=row.published), aggregate=row)
    return row.published


def _load(row: SearchTuning, content: dict[str, Any]) -> None:
    """Make the draft's rows those of ``content``; rows that stay keep their ids."""
    row.weights = content.get("weights", {})
    for part, model in _MODELS.items():
        kept = {UUID(one["id"]): one for one in content.get(part, ())}
        model.objects.exclude(id__in=kept).delete()
        there = {one.id: one for one in model.objects.filter(id__in=kept)}
        for key, one in kept.items():
            target = there.get(key) or model(id=key)
            for name, value in one.items():
                if name != "id":
                    field = model._meta.get_field(name)
                    setattr(target, name, field.to_python(value) if name in _DATES else value)
            target.save(force_insert=key not in there)
