"""Forget guests' carts that nobody came back to, and the personal data in them."""

from datetime import timedelta

from kernel import clock, personal
from kernel.transactions import atomic
from marketplace.models import Cart, OrderGroup
from platforms import facade as platforms

BATCH = 500


def forget_guest_carts() -> int:
    """Remove guests' carts untouched for ``guest_cart_days``; how many.

    Data of a guest who never ordered go for good; those of an order stay with the order.
    """
    days = int(platforms.setting("marketplace", "guest_cart_days"))
    before = clock.system() - timedelta(days=days)
    with atomic():
        rows = list(
            Cart.objects.select_for_update(skip_locked=True)
            .filter(updated_at__lt=before, buyer_id=None)
            .order_by("updated_at")
            .values_list("id", "subject_id")[:BATCH]
        )
        subjects = [subject for _id, subject in rows if subject is not None]
        ordered = set(
            OrderGroup.objects.filter(subject_id__in=subjects).values_list("subject_id", flat=True)
        )
        for subject in subjects:
            if subject not in ordered:
                personal.erase(subject)
        Cart.objects.filter(id__in=[cart_id for cart_id, _subject in rows]).delete()
    return len(rows)
