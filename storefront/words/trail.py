"""The audit trail in plain words: who acts, in what area, and what became of what."""

from collections.abc import Iterator

from django.utils.translation import pgettext, pgettext_lazy

from storefront.words.trail_things import CHANGES, THINGS
from storefront.words.trail_verbs import OWN, VERBS

ACTORS = {
    "operator": pgettext_lazy("who acts", "Operator"),
    "merchant": pgettext_lazy("who acts", "Merchant"),
    "buyer": pgettext_lazy("who acts", "Buyer"),
    "guest": pgettext_lazy("who acts", "Guest"),
    "system": pgettext_lazy("who acts", "System"),
}


def change(action: str) -> str:
    """``platforms.merchant.approved`` in the reader's language: “Merchant: approved”; an action
    that nothing is known of stays as it is."""
    thing, _dot, verb = action.rpartition(".")
    name, became = THINGS.get(thing), OWN.get(action) or VERBS.get(verb)
    if name is None or became is None:
        return action
    return pgettext("change", "%(thing)s: %(became)s") % {"thing": name, "became": became}


def known(action: str) -> bool:
    """Whether the platform writes such an action today."""
    thing, _dot, verb = action.rpartition(".")
    return verb in CHANGES.get(thing, "").split()


def actions(area: str = "") -> Iterator[str]:
    """Every action, or those of one area."""
    for thing, verbs in CHANGES.items():
        if not area or thing.partition(".")[0] == area:
            for verb in verbs.split():
                yield f"{thing}.{verb}"


def kinds(area: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The area's actions to choose from: (thing, [(action, words)])."""
    found: dict[str, list[tuple[str, str]]] = {}
    for action in actions(area):
        name = str(THINGS[action.rpartition(".")[0]])
        found.setdefault(name, []).append((action, change(action)))
    return list(found.items())
