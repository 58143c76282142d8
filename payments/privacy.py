"""What this context keeps about a person, and what keeps them from leaving."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.pagination import keyset
from kernel.privacy import PAGE, Rows, every, hold, section, told
from payments.contracts import DepositState
from payments.contracts_guarantee import DisputeState
from payments.models import Deposit, Dispute, PaymentIntent
from payments.selectors.balances import wallet_balances, wallet_movements_page
from payments.selectors.disputes import dispute as dispute_of
from payments.selectors.disputes import disputes_page
from payments.selectors.documents import deposits_page, intent_info
from payments.selectors.invoices import buyer_titles, invoice_requests_page
from payments.services.saved_methods import saved_cards

# What is the merchant's, the platform's or the gateway's affair.
INTERNAL = (
    "payer_id", "person_id", "version", "metadata", "external_id", "shares", "gateway_id", "fee",
    "redirect_url", "return_url", "cancel_requested",
)  # fmt: skip


@section("payments", _("Payments"))
def paid(person_id: UUID) -> Rows:
    rows = PaymentIntent.objects.filter(payer_id=person_id)
    found = every(lambda cursor: keyset(rows, order=("-id",), cursor=cursor, limit=PAGE))
    return (told(intent_info(row), "pay", leave_out=INTERNAL) for row in found)


@section("wallet", _("Wallet"))
def wallet(person_id: UUID) -> Rows:
    """What is in it, and every movement."""
    for balance in wallet_balances(owner_id=person_id):
        yield told(balance)
    for move in every(
        lambda cursor: wallet_movements_page(owner_id=person_id, cursor=cursor, limit=PAGE)
    ):
        yield told(move)


@section("cards", _("Kept cards"))
def cards(person_id: UUID) -> Rows:
    return (told(card, "spm") for card in saved_cards(person_id=person_id))


@section("deposits", _("Deposits"))
def deposits(person_id: UUID) -> Rows:
    found = every(lambda cursor: deposits_page(payer_id=person_id, cursor=cursor, limit=PAGE))
    return (told(one, "dep", leave_out=INTERNAL) for one in found)


@section("disputes", _("Complaints and chargebacks"))
def disputes(person_id: UUID) -> Rows:
    """With what was said and shown; files by name and hash."""
    for one in every(lambda cursor: disputes_page(payer_id=person_id, cursor=cursor, limit=PAGE)):
        yield told(dispute_of(dispute_id=one.id), "dsp", leave_out=INTERNAL)


@section("invoices", _("Invoice titles and requests"))
def invoices(person_id: UUID) -> Rows:
    for title in buyer_titles(person_id=person_id):
        yield told(title, "ttl")
    for one in every(
        lambda cursor: invoice_requests_page(person_id=person_id, cursor=cursor, limit=PAGE)
    ):
        yield told(one, "irq", leave_out=INTERNAL)


@hold("payments")
def unsettled(person_id: UUID) -> Iterator[str]:
    """Money that is the person's, and complaints that aren't decided."""
    for balance in wallet_balances(owner_id=person_id):
        if balance.available or balance.frozen:
            yield gettext("There is %(amount)s in your wallet.") % {
                "amount": balance.available + balance.frozen
            }
    if held := Deposit.objects.filter(payer_id=person_id, state=DepositState.HELD).count():
        yield gettext("Deposits that are held: %(count)s.") % {"count": held}
    open_ = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
    if disputed := Dispute.objects.filter(payer_id=person_id, state__in=open_).count():
        yield gettext("Complaints that aren't decided: %(count)s.") % {"count": disputed}
