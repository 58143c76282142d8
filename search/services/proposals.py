"""Proposed synonyms, accepted or declined with one click."""

from kernel import audit, clock, transactions
from kernel.ids import uuid7
from search import locks
from search.contracts.tuning import SynonymInfo, VersionInfo
from search.domain.folding import fold, language_of
from search.models import DeclinedSynonym
from search.selectors import tuning as selectors
from search.services import merchandising, publishing


def accept(*, before: str, after: str) -> tuple[SynonymInfo, VersionInfo | None]:
    """Whoever types ``before`` also finds ``after``: a group in the draft. It is published at once
    (the second value) unless the draft holds other changes, which are nobody's to publish here.
    Raises Invalid, TooManyRules."""
    with transactions.atomic():
        locks.tuning()
        clean = not selectors.draft().differences
        made = merchandising.create_synonym(
            language=language_of(before), source=before, terms=[after]
        )
        version = (
            publishing.publish(note=f"{made.source} → {', '.join(made.terms)}") if clean else None
        )
    return made, version


def decline(*, before: str, after: str) -> None:
    """Don't propose this pair again."""
    row = DeclinedSynonym(
        id=uuid7(), language=language_of(before), before=fold(before), after=fold(after),
        created_at=clock.system(),
    )  # fmt: skip
    with transactions.atomic():
        locks.tuning()
        same = {"language": row.language, "before": row.before, "after": row.after}
        if DeclinedSynonym.objects.filter(**same).exists():
            return
        row.save(force_insert=True)
        audit.record("search.synonym.declined", target=row)
