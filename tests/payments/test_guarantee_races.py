"""Escrow under fire: who comes first wins, once."""

from typing import Any
from uuid import uuid4

import pytest

from payments import facade
from tests.factories.payments import cny, make_paid, make_refund, make_share
from tests.payments.test_races import here, only, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
__all__ = ["here"]


def test_accepting_and_refunding_at_once_never_pays_twice(here: Any) -> None:
    share = make_share(10_000, 500)
    intent = make_paid(share)
    escrow = facade.escrow_for(reference=share.reference)
    assert escrow is not None

    def accept() -> Any:
        return facade.accept_escrow(escrow_id=escrow.id, amount=cny(3_000), before=0)

    def give_back() -> Any:
        refund = make_refund(intent, 2_000, key=uuid4())
        done = facade.perform_refund(refund_id=refund.id)
        return facade.record_refund(refund_id=refund.id, result=done)

    results = together([accept, give_back, accept, give_back, accept, facade.release_due])
    only(AssertionError, results)
    after = facade.escrow(escrow_id=escrow.id)
    assert after.released.amount == 3_000  # three times told, once done
    assert after.refunded.amount == 4_000
    found = facade.balance(merchant_id=share.merchant_id, currency="CNY")
    assert found.pending + found.available == cny(9_500 - 3_800)
