"""How far somebody may hand on what they may do themselves: nobody gives what they don't hold."""

from collections.abc import Iterable
from uuid import UUID

from kernel.actors import EVERYONES, Actor
from kernel.api import OPERATIONS
from platforms.errors import BeyondOwn
from platforms.permissions import EVERYTHING, of_desk


def held_by(actor: Actor) -> frozenset[str]:
    """The permissions that the actor may give: a person's own; for a key with some scopes, those
    whose routes it may all call."""
    if "*" not in actor.permissions or "*" in actor.scopes:
        return actor.permissions
    return frozenset(
        one.code
        for one in of_desk(actor.kind)
        if (scopes := _scopes_of(actor.kind, one.code)) and scopes <= actor.scopes
    )


def held_at(actor: Actor, merchant_id: UUID | None) -> frozenset[str]:
    """The permissions that the actor may give on this staff: on a merchant's, an operator who looks
    after merchants may give every one, others none."""
    if actor.kind != "operator" or merchant_id is None:
        return held_by(actor)
    held = held_by(actor)
    return EVERYTHING if {"*", "merchants"} & held else frozenset()


def keyable(actor: Actor, kind: str) -> frozenset[str]:
    """The scopes that a key of this kind may get from the actor: every route that such a key opens
    is one for the actor too. Whoever doesn't hold everything makes keys of their own kind only."""
    if "*" in actor.permissions:
        return actor.scopes
    if kind != actor.kind:
        return frozenset()
    opens: dict[str, bool] = {}
    for one in OPERATIONS:
        if one.scope and kind in one.audience:
            needed = one.permissions.get(kind, ())
            opens[one.scope] = opens.get(one.scope, True) and (not needed or actor.holds(*needed))
    return frozenset(scope for scope, whole in opens.items() if whole)


def check_within(wanted: Iterable[str], ceiling: frozenset[str]) -> None:
    """Raise BeyondOwn, naming what of ``wanted`` isn't in ``ceiling``."""
    if ceiling >= EVERYTHING:
        return
    beyond = sorted(set(wanted) - ceiling)
    if beyond:
        raise BeyondOwn(permission=beyond[0], beyond=beyond)


def _scopes_of(kind: str, code: str) -> frozenset[str]:
    return frozenset(
        one.scope
        for one in OPERATIONS
        if one.scope
        and code in one.permissions.get(kind, ())
        and EVERYONES.isdisjoint(one.permissions[kind])
    )
