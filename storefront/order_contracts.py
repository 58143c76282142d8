"""The contract card of an order's page: how it stands, who has signed, what is left to do."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from certification import facade as certification
from journeys import facade as journeys
from kernel.errors import NotFound
from kernel.ids import parse_public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import contracts as shown
from storefront.pages import person_of

S = certification.ContractState


@dataclass(frozen=True)
class Side:
    """A party: who, what it is called here, when it signed, what it lacks to be able to."""

    name: str
    label: str
    signed_at: Any
    lacks: str = ""
    href: str = ""


@dataclass(frozen=True)
class ContractCard:
    """``href`` leads a party to its contract; ``sign``: it is to sign there."""

    state: str
    number: str
    sentence: str
    tone: str
    sides: tuple[Side, ...]
    href: str = ""
    sign: bool = False
    package: shown.Card | None = None

    @property
    def binding(self) -> bool:
        """Both have signed, and it hasn't been ended."""
        return self.state in (S.EFFECTIVE, S.AMENDED)


def card(request: HttpRequest, order: marketplace.OrderInfo, *, role: str) -> ContractCard | None:
    """The card for the visitor, who is in ``role`` ("": no party). None for an order that needs no
    contract."""
    found = journeys.order_contract(order_id=order.id)
    if found is None:
        return None
    info = found.contract
    if info is None:
        return ContractCard("", "", *_undrafted(found.journey.state), ())
    sentence, tone = _sentence(info, role)
    return ContractCard(
        state=str(info.state),
        number=info.number,
        sentence=sentence,
        tone=tone,
        sides=tuple(_side(request, info, party, role) for party in info.parties),
        href=_place_of(request, info, role),
        sign=role in shown.waited_for(info) and not shown.over(info),
        package=_package(info, role),
    )


def _place_of(request: HttpRequest, info: certification.ContractInfo, role: str) -> str:
    """The visitor's own page of the contract, if there is one."""
    if role:
        return reverse("storefront:contract", args=[info.public_id])
    person = person_of(request)
    held = person.membership if person else None
    if held is not None and held.role == platforms.Role.OPERATOR:
        return reverse("storefront:operator_contract", args=[info.public_id])
    return ""


def order_of(info: certification.ContractInfo) -> str:
    """The order whose contract this is, by its public id; empty for other contracts. Anyone may
    write an order's number into a contract of their own, so the order is asked for its contract."""
    number = info.external_id or ""
    try:
        found = journeys.order_contract(order_id=parse_public_id("ord", number))
    except NotFound:
        return ""
    ours = found is not None and found.contract is not None and found.contract.id == info.id
    return number if ours else ""


def role_of(request: HttpRequest, order: marketplace.OrderInfo) -> str:
    """The visitor's part in the shop: its buyer, or none."""
    person = person_of(request)
    return "buyer" if person is not None and person.id == order.buyer_id else ""


def _undrafted(state: str) -> tuple[str, str]:
    if state == "needs_attention":
        return _("The contract couldn't be drawn up. The operator looks into it."), "bad"
    if state in ("undoing", "undone"):
        return _("No contract was made; the order is cancelled and the money goes back."), "mute"
    return _("The contract is being drawn up. A letter tells you when it can be signed."), "accent"


def _sentence(info: certification.ContractInfo, role: str) -> tuple[str, str]:
    back = {
        S.REJECTED: _("A party refused to sign. The order is cancelled; the money goes back."),
        S.EXPIRED: _("It wasn't signed in time. The order is cancelled; the money goes back."),
        S.WITHDRAWN: _("It was called off. The order is cancelled; the money goes back."),
    }
    if info.state in back:
        return back[S(info.state)], "mute"
    return shown.next_step(info, role) if role else shown.standing(info)


def _side(
    request: HttpRequest,
    info: certification.ContractInfo,
    party: certification.PartyInfo,
    role: str,
) -> Side:
    label = _("Merchant") if party.role == "seller" else _("Buyer")
    lacks = href = ""
    if info.state == S.SIGNING and party.signed_at is None and role in ("", party.role):
        lacks, href = _lacks(request, party, mine=role == party.role)
    return Side(party.name, label, party.signed_at, lacks, href)


def _lacks(request: HttpRequest, party: certification.PartyInfo, *, mine: bool) -> tuple[str, str]:
    """What keeps an unsigned party from signing, and where one's own is got."""
    company = party.merchant_id is not None
    subject = (
        certification.Subject.merchant(party.merchant_id)
        if party.merchant_id
        else certification.Subject.person(party.person_id)  # type: ignore[arg-type]
    )
    certificates = certification.certificates_page(
        merchant_id=party.merchant_id, person_id=None if company else party.person_id,
        state="valid", algorithm="p256", limit=20,
    ).items  # fmt: skip
    has = any(one.usable and one.key_id is not None for one in certificates)
    needed = certification.ASSURANCE_LEVELS.index
    if not has and needed(certification.assurance_of(subject)) < needed("verified"):
        where = "storefront:merchant_identity" if company else "storefront:identity"
        return _("The identity isn't proven yet."), reverse(where) if mine else ""
    if not has:
        return _("There is no certificate yet."), reverse("storefront:certificates") if mine else ""
    person = person_of(request)
    if mine and person is not None and not platforms.has_second_factor(person.id):
        return _("Signing needs a passkey or an authenticator app."), reverse("storefront:security")
    return "", ""


def _package(info: certification.ContractInfo, role: str) -> shown.Card | None:
    kept = certification.package_info(document_id=info.id) if info.effective_at else None
    if kept is None:
        return None
    return shown.Card(
        title=_("Evidence package"),
        number="ZIP",
        hash=kept.sha256,
        href=reverse("storefront:contract_evidence", args=[info.public_id]) if role else "",
    )
