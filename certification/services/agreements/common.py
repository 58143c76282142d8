"""What every step of a contract's life shares."""

from collections.abc import Iterable
from typing import Any

from certification.contracts.agreements import ContractState, PartyInfo
from certification.errors.agreements import BadValues, TemplateNotPublished
from certification.events.agreements import ContractEnded
from certification.models import Contract, ContractParty
from certification.selectors.agreements import sealed
from kernel import clock, mail, outbox
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.outbox import Event
from platforms import facade as platforms


def party_of(row: Contract, role: str) -> ContractParty:
    """The party in ``role``. Raises NotFound."""
    found = ContractParty.objects.filter(contract=row, role=role).first()
    if found is None:
        raise NotFound
    return found


def parties_of(row: Contract) -> list[ContractParty]:
    return list(ContractParty.objects.filter(contract=row).order_by("place"))


def tell(row: Contract, event: Event) -> None:
    """Append the event for every merchant that takes part, so that each sees it in its feed; who
    handles it keeps to the contract's id, since it comes once a merchant."""
    merchants = {party.merchant_id for party in parties_of(row) if party.merchant_id}
    audience: Iterable[Any] = sorted(merchants) or [None]
    outbox.append_many((event, row, merchant_id) for merchant_id in audience)


def end(row: Contract, state: ContractState, *, action: str, reason: str = "") -> None:
    """Move the locked contract to a state in which it has no further effect."""
    row.move(state, action=action)
    row.ended_at = clock.business()
    if reason:
        row.reason_sealed = sealed(row.id, reason)
    row.save()
    tell(row, ContractEnded(row.id, row.number, row.state, row.external_id or ""))


def write_to(row: Contract, party: PartyInfo, template: str, **more: Any) -> bool:
    """A letter to the party: to its address, else to its person, else to its merchant's owners."""
    for address, language, subject in _addresses(party):
        mail.send(
            to=address,
            template=f"certification/{template}",
            context={"title": row.title, "number": row.number, "name": party.name, **more,
                     "link": platforms.platform_url(f"/contracts/{public_id('ctr', row.id)}/")},
            language=language,
            subject=subject,
        )  # fmt: skip
    return bool(_addresses(party))


def _addresses(party: PartyInfo) -> list[tuple[str, str, Any]]:
    if party.merchant_id:
        page = platforms.team(merchant_id=party.merchant_id, limit=20)
        people = {person.id: person for person in page.items}
        return [(one.email, one.language, one.id) for one in people.values() if one.email]
    if party.person_id:
        person = platforms.person(party.person_id)
        return [(person.email, person.language, person.id)] if person.email else []
    tongue = platforms.letter_language(party.language)
    return [(party.email, tongue, None)] if party.email else []


__all__ = [
    "BadValues", "TemplateNotPublished", "end", "parties_of", "party_of", "tell", "write_to",
]  # fmt: skip
