"""Levels of assurance (认证等级) as data: what must have been proven for each."""

from collections.abc import Collection

LEVELS = ("none", "basic", "verified", "strong")
# What each level needs beyond the one before it, for a company and for a person. ``registry``: a
# provider found name and number together; ``documents``: an operator looked at the papers;
# ``account``: a small amount sent to the company's own account was named back (小额打款);
# ``portrait``: a provider matched the person's picture.
NEEDS: dict[str, dict[str, frozenset[str]]] = {
    "company": {
        "basic": frozenset({"registry"}),
        "verified": frozenset({"documents"}),
        "strong": frozenset({"account"}),
    },
    "person": {
        "basic": frozenset({"registry"}),
        "verified": frozenset({"documents"}),
        "strong": frozenset({"portrait"}),
    },
}
# Papers that must lie there before an operator can approve; any one of each set.
PAPERS: dict[str, tuple[frozenset[str], ...]] = {
    "company": (frozenset({"business_licence"}),),
    "person": (frozenset({"id_card_front", "passport", "permit"}),),
}


def level_of(kind: str, proven: Collection[str]) -> str:
    """The highest level whose needs, and those of all below it, are proven."""
    reached = "none"
    for level in LEVELS[1:]:
        if not NEEDS[kind][level] <= set(proven):
            break
        reached = level
    return reached


def enough(level: str, required: str) -> bool:
    """Whether ``level`` is at least ``required``."""
    return LEVELS.index(level) >= LEVELS.index(required)


def lacking(kind: str, proven: Collection[str], required: str) -> list[str]:
    """What is still to be proven for ``required``, in the order of the levels."""
    wanted = LEVELS[1 : LEVELS.index(required) + 1]
    return [need for level in wanted for need in sorted(NEEDS[kind][level] - set(proven))]
