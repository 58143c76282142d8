"""What this context does when its own facts are published."""

from kernel.outbox import EventMeta, subscribe
from marketplace import events
from marketplace.models import Cart, GroupMember, SavedAddress, SavedItem
from marketplace.services.group_members import forget_members
from marketplace.services.redeem import give_back
from platforms.events import PersonErased


@subscribe(events.OrderCancelled, handler="marketplace.promotions_given_back")
def promotions_given_back(event: events.OrderCancelled, meta: EventMeta) -> None:
    """What the order used may be used again, if it wasn't given back at once."""
    give_back(event.order_id)


@subscribe(PersonErased, handler="marketplace.forgets_erased")
def person_erased(event: PersonErased, meta: EventMeta) -> None:
    """Cart, address book, memberships and what was kept for later go; orders stay, without
    their person."""
    forget_members(GroupMember.objects.filter(buyer_id=event.person_id))
    for table in (Cart, SavedAddress, SavedItem):
        table.objects.filter(buyer_id=event.person_id).delete()
