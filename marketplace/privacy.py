"""What this context keeps about a person, and what keeps them from leaving."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.privacy import PAGE, Rows, every, hold, section, told
from marketplace.contracts import OrderInfo
from marketplace.contracts_returns import OPEN, ReturnKind
from marketplace.models import Cart, Order, Return
from marketplace.selectors import orders as order_reads
from marketplace.selectors.buyer_groups import own_memberships
from marketplace.selectors.cancellations import cancellations_page
from marketplace.selectors.carts import stored_lines
from marketplace.selectors.messages import messages_of
from marketplace.selectors.parcels import parcels_of
from marketplace.selectors.returns import returns_page
from marketplace.services import address_book
from marketplace.services.saved_items import saved_items

# What is the merchant's or the platform's affair.
INTERNAL = (
    "buyer_id", "version", "metadata", "external_id", "commission", "commission_rate",
    "platform_discount", "platform_back",
)  # fmt: skip


def _orders(person_id: UUID) -> Iterator[OrderInfo]:
    return every(lambda cursor: order_reads.orders(buyer_id=person_id, cursor=cursor, limit=PAGE))


@section("addresses", _("Address book"))
def addresses(person_id: UUID) -> Rows:
    return (told(one, "adr") for one in address_book.addresses(buyer_id=person_id))


@section("orders", _("Orders"))
def orders(person_id: UUID) -> Rows:
    """With lines, address, contact and note."""
    for one in _orders(person_id):
        whole = order_reads.order(order_id=one.id, with_address=True)
        if whole is not None:
            yield told(whole, "ord", leave_out=INTERNAL)


@section("messages", _("Messages about orders"))
def messages(person_id: UUID) -> Rows:
    for order in _orders(person_id):
        for one in messages_of(order_id=order.id):
            yield {"order": order.number, **told(one, "msg", leave_out=("order_id",))}


@section("returns", _("Returns"))
def returns(person_id: UUID) -> Rows:
    found = every(lambda cursor: returns_page(buyer_id=person_id, cursor=cursor, limit=PAGE))
    return (told(one, "ret", leave_out=INTERNAL) for one in found)


@section("parcels", _("Parcels of orders"))
def parcels(person_id: UUID) -> Rows:
    for order in _orders(person_id):
        for one in parcels_of(order_id=order.id):
            yield {"order": order.number, **told(one, leave_out=("id", "key", "order_id"))}


@section("cancellations", _("Cancelled parts of orders"))
def cancellations(person_id: UUID) -> Rows:
    found = every(lambda cursor: cancellations_page(buyer_id=person_id, cursor=cursor, limit=PAGE))
    return (told(one, "can", leave_out=INTERNAL) for one in found)


@section("kept_for_later", _("Kept for later"))
def kept(person_id: UUID) -> Rows:
    found = every(lambda cursor: saved_items(buyer_id=person_id, cursor=cursor, limit=PAGE))
    return (told(one, leave_out=("variant", "problem", "unit_price")) for one in found)


@section("price_groups", _("Groups whose prices are yours"))
def price_groups(person_id: UUID) -> Rows:
    found = every(lambda cursor: own_memberships(buyer_id=person_id, cursor=cursor, limit=PAGE))
    return (told(one, "gmb") for one in found)


@section("cart", _("Cart"))
def cart(person_id: UUID) -> Rows:
    for row in Cart.objects.filter(buyer_id=person_id):
        for line in stored_lines(row):
            yield told(line)


@hold("marketplace")
def unfinished(person_id: UUID) -> Iterator[str]:
    """Orders and returns that aren't at their end."""
    ended = (Order.State.COMPLETED, Order.State.CANCELLED)
    for number, state in (
        Order.objects.filter(buyer_id=person_id)
        .exclude(state__in=ended)
        .order_by("id")
        .values_list("number", "state")[:20]
    ):
        yield gettext("Order %(number)s is in the state: %(state)s.") % {
            "number": number,
            "state": Order.State(state).label,
        }
    rows = Return.objects.filter(buyer_id=person_id, state__in=list(OPEN)).select_related("order")
    for row in rows.order_by("id")[:20]:
        said = (
            gettext("An exchange of order %(number)s is under way.")
            if row.kind == ReturnKind.EXCHANGE
            else gettext("A return of order %(number)s is under way.")
        )
        yield said % {"number": row.order.number}
