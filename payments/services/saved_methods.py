"""Cards kept for a person, with their consent: shown, used again, removed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock
from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from kernel.transactions import together
from payments.contracts import CARD
from payments.models import PaymentIntent, SavedMethod
from payments.services import gateway_account

# What a person agrees to. A change of its meaning is a new version; old versions stay on record
# with each card.
CONSENT_VERSION = "2026-11"
CONSENT_TEXT = _(
    "Keep this card for my next purchases on this platform. The card's number stays with the "
    "payment provider; I can remove the card in my account at any time."
)


@dataclass(frozen=True)
class SavedCard:
    """A card that was kept, and what was agreed to."""

    id: UUID
    brand: str
    last4: str
    expires: str
    consent_version: str
    consented_at: datetime
    created_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("spm", self.id)


def keep(intent: PaymentIntent, card: dict[str, str]) -> None:
    """Keep the card that paid the locked intent; a card kept before is renewed."""
    if intent.payer_id is None or not card.get("token"):
        return
    row = SavedMethod.objects.filter(gateway=CARD, token=card["token"]).first()
    if row is not None and row.person_id != intent.payer_id:
        return
    now = clock.system()
    row = row or SavedMethod(person_id=intent.payer_id, gateway=CARD, token=card["token"])
    row.customer, row.brand = card["customer"], card["brand"]
    row.last4, row.expires = card["last4"], card["expires"]
    row.consent_version, row.consented_at, row.removed_at = CONSENT_VERSION, now, None
    row.consent_language = (translation.get_language() or "en")[:10]
    row.save()
    audit.record(
        action="payments.card.saved",
        target=row,
        after={"last4": row.last4, "consent": CONSENT_VERSION},
    )


def saved_cards(*, person_id: UUID) -> list[SavedCard]:
    """The cards kept for a person, latest first."""
    rows = SavedMethod.objects.filter(person_id=person_id, removed_at=None).order_by("-id")
    return [
        SavedCard(
            id=row.id,
            brand=row.brand,
            last4=row.last4,
            expires=row.expires,
            consent_version=row.consent_version,
            consented_at=row.consented_at,
            created_at=row.created_at,
        )
        for row in rows[:50]
    ]


def remove_card(*, person_id: UUID, card_id: UUID) -> None:
    """Forget a card, here at once and at the gateway; no transaction open. Raises NotFound."""
    with together():
        row = SavedMethod.objects.select_for_update().filter(id=card_id).first()
        if row is None or row.person_id != person_id:
            raise NotFound
        if row.removed_at is None:
            row.removed_at = clock.system()
            row.save()
            audit.record(action="payments.card.removed", target=row, after={"last4": row.last4})
    gateway_account.card_gateway().forget_card(row.token)


def token_of(*, person_id: UUID | None, method: str) -> str:
    """The gateway's token behind ``spm_…``, if it is this person's. Raises NotFound."""
    row = SavedMethod.objects.filter(id=parse_public_id("spm", method), removed_at=None).first()
    if row is None or person_id is None or row.person_id != person_id:
        raise NotFound
    return row.token
