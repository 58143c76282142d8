"""Which accounts a payment moves."""

from payments.contracts import Purpose
from payments.domain.postings import Book
from payments.models import PaymentIntent


def book_of(intent: PaymentIntent) -> Book:
    """The accounts of the intent's currency and purpose."""
    return Book(
        intent.platform_id,
        intent.currency,
        topup=intent.purpose == Purpose.TOPUP,
    )
