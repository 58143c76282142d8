"""Facts carried between contexts, and every order's timeline."""

from typing import Any
from uuid import UUID, uuid5

from catalog import events as catalog
from certification import events as certification
from inventory import events as inventory
from journeys.contract import watch
from journeys.models import Journey
from journeys.services import (
    application_upkeep,
    cancel_letters,
    parcel_letters,
    promises,
    return_letters,
)
from journeys.services.delivered import on_delivered
from journeys.services.exchanges import replacement_delivered
from journeys.services.returns import dispute_closed, wake_refunded
from journeys.services.timeline import add_entry
from kernel import jobs
from kernel.errors import NotFound
from kernel.ids import parse_public_id
from kernel.outbox import Event, EventMeta, subscribe
from kernel.statements import Columns
from logistics import events as logistics
from marketplace import events as marketplace
from marketplace import facade as marketplace_facade
from payments import events as payments
from platforms import events as platforms

_IDS = Columns(Journey, "id")


@subscribe(logistics.ShipmentDelivered, handler="journeys.delivered")
def shipment_delivered(event: logistics.ShipmentDelivered, meta: EventMeta) -> None:
    """A parcel arrived: with the last one the order is delivered, and its money is released after
    some days."""
    shipment_id = parse_public_id("shp", event.shipment_id)
    order_id = order_of(event.reference)
    if order_id is not None:
        on_delivered(order_id=order_id, shipment_id=shipment_id)
    return_id = return_of(event.reference)
    if return_id is not None:
        replacement_delivered(return_id=return_id, shipment_id=shipment_id)


@subscribe(payments.IntentCaptured, handler="journeys.captured", together=True)
def intent_captured(event: payments.IntentCaptured, meta: EventMeta) -> None:
    """The gateway told us before, or instead of, answering: carry the checkout on."""
    wake_checkout(event.reference)


@subscribe(payments.IntentFailed, handler="journeys.failed", together=True)
def intent_failed(event: payments.IntentFailed, meta: EventMeta) -> None:
    """A payment that the buyer had to confirm was declined."""
    wake_checkout(event.reference)


@subscribe(payments.IntentCanceled, handler="journeys.canceled", together=True)
def intent_canceled(event: payments.IntentCanceled, meta: EventMeta) -> None:
    """A payment was cancelled at the gateway."""
    wake_checkout(event.reference)


@subscribe(payments.RefundSucceeded, handler="journeys.refund_succeeded")
def refund_succeeded(event: payments.RefundSucceeded, meta: EventMeta) -> None:
    """A refund that the gateway took its time over is there: carry on what waits for it."""
    wake_refunded(event.refund_id)


@subscribe(payments.RefundFailed, handler="journeys.refund_failed")
def refund_failed(event: payments.RefundFailed, meta: EventMeta) -> None:
    """The gateway refused it after all: what waits for it needs a person."""
    wake_refunded(event.refund_id)


@subscribe(payments.DisputeClosed, handler="journeys.return_dispute_closed")
def return_dispute_closed(event: payments.DisputeClosed, meta: EventMeta) -> None:
    """A complaint over a refused return was decided."""
    dispute_closed(dispute_id=event.dispute_id, refunded=bool(event.refunded))


@subscribe(certification.ContractEffective, handler="journeys.contract_effective")
def contract_effective(event: certification.ContractEffective, meta: EventMeta) -> None:
    """Both have signed: the order may be shipped, the application goes on."""
    wake_contract(order_of(event.reference))
    application_upkeep.wake_application(application_of(event.reference))


@subscribe(certification.ContractEnded, handler="journeys.contract_ended")
def contract_ended(event: certification.ContractEnded, meta: EventMeta) -> None:
    """Rejected, not signed in time or called off: its order is cancelled, its application
    closed."""
    wake_contract(order_of(event.reference))
    application_upkeep.wake_application(application_of(event.reference))


@subscribe(marketplace.OrderCancelled, handler="journeys.contract_order_cancelled")
def order_cancelled(event: marketplace.OrderCancelled, meta: EventMeta) -> None:
    """Nothing is left to sign."""
    wake_contract(event.order_id)


@subscribe(certification.IdentityChanged, handler="journeys.identity_changed")
def identity_changed(event: certification.IdentityChanged, meta: EventMeta) -> None:
    """A company's identity came into another state: its application may go on."""
    application_upkeep.wake_merchant(event.merchant_id)


@subscribe(catalog.ProductPublished, handler="journeys.first_product")
def first_product(event: catalog.ProductPublished, meta: EventMeta) -> None:
    """A new merchant's shop may be set up with that."""
    application_upkeep.wake_merchant(event.merchant_id)


@subscribe(platforms.PersonErased, handler="journeys.forgets_erased")
def person_erased(event: platforms.PersonErased, meta: EventMeta) -> None:
    """Their applications that came to nothing go too."""
    application_upkeep.person_erased(person_id=event.person_id)


@subscribe(inventory.PromiseMoved, handler="journeys.letter.promise_moved")
def promise_moved(event: inventory.PromiseMoved, meta: EventMeta) -> None:
    """The buyer gets a letter with the new day."""
    promises.write_of_moved(event)


@subscribe(inventory.PromiseFilled, handler=promises.COME)
def promise_filled(event: inventory.PromiseFilled, meta: EventMeta) -> None:
    """With the last of what an order waits for the buyer gets a letter."""
    promises.write_of_come(promises.order_with(event), meta.business_at)


@subscribe(marketplace.CancellationRefunded, handler=f"{promises.COME}.rest")
def rest_cancelled(event: marketplace.CancellationRefunded, meta: EventMeta) -> None:
    """What was waited for last may have been cancelled; the rest had come before."""
    order = marketplace_facade.order(order_id=event.order_id)
    promises.write_of_come(order, meta.business_at)


def _by_letter(kind: type[marketplace.ReturnEvent]) -> None:
    @subscribe(kind, handler=f"journeys.letter.{kind.NAME}")
    def write(event: marketplace.ReturnEvent, meta: EventMeta) -> None:
        return_letters.write(event)


@subscribe(marketplace.OrderMessageWritten, handler="journeys.letter.message")
def message_written(event: marketplace.OrderMessageWritten, meta: EventMeta) -> None:
    """The other side gets a letter."""
    return_letters.write_of_message(event)


def _of_cancellation_by_letter(kind: type[marketplace.CancellationEvent]) -> None:
    @subscribe(kind, handler=f"journeys.letter.{kind.NAME}")
    def write(event: marketplace.CancellationEvent, meta: EventMeta) -> None:
        cancel_letters.write(event.NAME, event)


def _of_parcel_by_letter(kind: type[marketplace.ParcelEvent]) -> None:
    @subscribe(kind, handler=f"journeys.letter.{kind.NAME}")
    def write(event: marketplace.ParcelEvent, meta: EventMeta) -> None:
        parcel_letters.write(event)


for _told in return_letters.KINDS:
    _by_letter(_told)
for _said in cancel_letters.KINDS:
    _of_cancellation_by_letter(_said)
for _sent in parcel_letters.KINDS:
    _of_parcel_by_letter(_sent)


def wake_contract(order_id: UUID | None) -> None:
    """Have an order's contract journey looked at, if it has one that hasn't ended."""
    if order_id is not None:
        watch.wake(order_id)


def wake_checkout(reference: str) -> None:
    """Have the waiting checkout of a group looked at. A job, because that calls outside."""
    group = group_of(reference)
    if group is None:
        return
    for row in _IDS.all("kind = 'checkout' AND subject = %s AND state = 'waiting'", [str(group)]):
        jobs.enqueue("journeys.resume", {"journey_id": str(row["id"])})


def order_of(reference: str) -> UUID | None:
    """The order that a lower context's ``reference`` names, if it names one."""
    try:
        return parse_public_id("ord", reference)
    except NotFound:
        return None


def application_of(reference: str) -> UUID | None:
    """The application that a ``reference`` names, if it names one."""
    try:
        return parse_public_id("map", reference)
    except NotFound:
        return None


def group_of(reference: str) -> UUID | None:
    """The order group that a ``reference`` names, if it names one."""
    try:
        return parse_public_id("ogr", reference)
    except NotFound:
        return None


def return_of(reference: str) -> UUID | None:
    """The exchange that a parcel's ``reference`` names, if it names one."""
    try:
        return parse_public_id("ret", reference)
    except NotFound:
        return None


def _parcel_events(event: Any) -> list[UUID]:
    """The order of a parcel, also of one with an exchange's replacement."""
    exchange = return_of(event.reference)
    if exchange is not None:
        return [marketplace_facade.order_return(return_id=exchange).order_id]
    return _shipment_events(event)


def _order_events(event: Any) -> list[UUID]:
    return [event.order_id]


def _shipment_events(event: Any) -> list[UUID]:
    found = order_of(event.reference)
    return [found] if found else []


def _contract_events(event: Any) -> list[UUID]:
    found = order_of(event.reference)
    return [found] if found and watch.is_of(found, event.contract_id) else []


def _share_events(event: Any) -> list[UUID]:
    found = [order_of(share.reference) for share in event.shares]
    return [order_id for order_id in found if order_id]


_TIMELINE: tuple[tuple[type[Event], Any], ...] = (
    (marketplace.OrderPlaced, _order_events),
    (marketplace.OrderPaid, _order_events),
    (marketplace.OrderPartlyShipped, _order_events),
    (marketplace.OrderShipped, _order_events),
    (marketplace.OrderDelivered, _order_events),
    (marketplace.OrderCompleted, _order_events),
    (marketplace.OrderCancelled, _order_events),
    (marketplace.OrderPacking, _order_events),
    (marketplace.CancellationRequested, _order_events),
    (marketplace.CancellationAccepted, _order_events),
    (marketplace.CancellationRefunded, _order_events),
    (marketplace.CancellationRejected, _order_events),
    (marketplace.CancellationWithdrawn, _order_events),
    (marketplace.CancellationLapsed, _order_events),
    (marketplace.ReturnRequested, _order_events),
    (marketplace.ReturnApproved, _order_events),
    (marketplace.ReturnRejected, _order_events),
    (marketplace.ReturnWithdrawn, _order_events),
    (marketplace.ReturnSent, _order_events),
    (marketplace.ReturnReceived, _order_events),
    (marketplace.ReturnRefunded, _order_events),
    (marketplace.ReturnLapsed, _order_events),
    (marketplace.ReturnTurned, _order_events),
    (marketplace.ReturnResent, _order_events),
    (marketplace.ReturnExchanged, _order_events),
    (certification.ContractSigningOpened, _contract_events),
    (certification.ContractSigned, _contract_events),
    (certification.ContractEffective, _contract_events),
    (certification.ContractEnded, _contract_events),
    (inventory.PromiseMade, promises.orders_of),
    (inventory.PromiseFilled, promises.orders_of),
    (inventory.PromiseMoved, promises.orders_of),
    (payments.IntentCaptured, _share_events),
    (payments.RefundSucceeded, _share_events),
    (payments.BalanceReleased, _shipment_events),
    (payments.EscrowFrozen, _shipment_events),
    (payments.EscrowUnfrozen, _shipment_events),
    (payments.DisputeOpened, _shipment_events),
    (payments.DisputeClosed, _shipment_events),
    (logistics.ShipmentBooked, _parcel_events),
    (logistics.ShipmentMoved, _parcel_events),
    (logistics.ShipmentDelivered, _parcel_events),
)


def _on_timeline(kind: type[Event], orders_of: Any) -> None:
    @subscribe(kind, handler=f"journeys.timeline.{kind.NAME}", together=True)
    def note(event: Event, meta: EventMeta) -> None:
        for order_id in orders_of(event):
            add_entry(order_id=order_id, event=event, meta=meta, once=_fact_of(event))


def _fact_of(event: Any) -> UUID | None:
    """A contract's event comes once for each merchant that takes part, and is one line."""
    contract = getattr(event, "contract_id", None)
    return uuid5(contract, f"{event.NAME}:{getattr(event, 'role', '')}") if contract else None


for _kind, _orders_of in _TIMELINE:
    _on_timeline(_kind, _orders_of)
