"""Who takes part in a contract: the merchant in use, or the person. Everyone else sees nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from certification import facade as certification
from kernel.actors import Actor, acting, current_actor, must_hold
from kernel.errors import Forbidden, NotFound
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.pages import person_of, public, signed_in

P = ParamSpec("P")
PERMISSION = "contracts"
DESK = "storefront/contracts/desk.html"
ACCOUNT = "storefront/contracts/account.html"


@dataclass(frozen=True)
class Place:
    """A contract as one of its parties sees it."""

    info: certification.ContractInfo
    role: str
    actor: Actor

    @property
    def party(self) -> certification.PartyInfo:
        return self.info.party(self.role)

    @property
    def id(self) -> str:
        return self.info.public_id


def who(request: HttpRequest) -> Actor:
    """On whose behalf the person works here: a merchant's or their own. Raises Forbidden."""
    actor = current_actor()
    person = person_of(request)
    if person is None or actor.kind == "operator":
        raise Forbidden
    return actor if actor.merchant_id else personal(person.id)


def personal(person_id: UUID) -> Actor:
    """The person on their own behalf, whatever role is in use."""
    here = current_actor()
    return replace(
        here, kind="buyer", id=person_id, merchant_id=None, person_id=person_id,
        permissions=platforms.EVERYTHING,
    )  # fmt: skip


def frame(request: HttpRequest) -> dict[str, Any]:
    """The page around: the merchant's console, or the account."""
    merchant = who(request).merchant_id is not None
    return {"frame": DESK if merchant else ACCOUNT, "for_merchant": merchant}


def party_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase], *, one_contract: bool = False
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of contracts for merchants, whose staff needs the permission, and people; who must set
    up a second factor goes there. A page of ``one_contract`` may be about the person's own."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = person_of(request)
        assert person is not None
        held = person.membership
        if held is not None and held.merchant_id and platforms.must_enrol(person.id, held.role):
            return redirect("storefront:security")
        with acting(who(request)) as actor:
            if actor.merchant_id and not one_contract:
                must_hold(PERMISSION)
            return view(request, *args, **kwargs)

    named = signed_in(cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", inner))
    named.permissions = (PERMISSION,)  # type: ignore[attr-defined]
    return named


def contract_page(
    view: Callable[Concatenate[HttpRequest, Place, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """A page of one contract. Where it is addressed to another role of the same person, a page
    offers to go on in that one."""

    @wraps(view)
    def inner(
        request: HttpRequest, contract: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        person = person_of(request)
        assert person is not None
        info = certification.contract_state(contract_id=public("ctr", contract))
        place = _place(info, current_actor(), person.id)
        if place is None:
            return _elsewhere(request, info, person)
        with acting(place.actor):
            if place.actor.merchant_id:
                must_hold(PERMISSION)
            return view(request, place, *args, **kwargs)

    shown = cast("Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]", inner)
    return party_page(shown, one_contract=True)


def _place(info: certification.ContractInfo, actor: Actor, person_id: UUID) -> Place | None:
    for one in (actor, personal(person_id)):
        try:
            role = certification.contract_role(info, one)
        except NotFound:
            continue
        if info.state == certification.ContractState.DRAFT and role != info.drafter:
            raise NotFound
        return Place(info, role, one)
    return None


def _elsewhere(
    request: HttpRequest, info: certification.ContractInfo, person: platforms.SignedInPerson
) -> HttpResponseBase:
    drafter = info.party(info.drafter).merchant_id
    seen = {party.merchant_id for party in info.parties if party.merchant_id}
    if info.state == certification.ContractState.DRAFT:
        seen &= {drafter}
    held = [one for one in person.memberships if one.merchant_id in seen]
    if not held:
        raise NotFound
    names = platforms.merchants({one.merchant_id for one in held if one.merchant_id})
    context = {
        "held": [(one.id, names[one.merchant_id].names) for one in held if one.merchant_id],
        "number": info.number,
        "next": request.get_full_path(),
        "contract": public_id("ctr", info.id),
        **frame(request),
    }
    return render(request, "storefront/contracts/elsewhere.html", context, status=403)
