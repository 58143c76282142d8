"""Numbers have no gaps and nothing is doubled, whoever races and whoever is killed."""

import signal
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from kernel import outbox, tenancy
from kernel.errors import Conflict
from payments import facade
from payments.models import InvoiceSeries
from payments.services.invoices import red
from tests.factories.invoices import make_request
from tests.factories.payments import make_refund
from tests.factories.platforms import make_platform
from tests.payments.test_races import only, together
from tests.zygote import Zygote

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant


def test_numbers_have_no_gaps_under_races(here: Any) -> None:
    """Issuing the same twice, several at once, one that fails, and refunds beside them."""
    merchant = uuid4()
    requests = [make_request(merchant_id=merchant) for _ in range(4)]
    early, late = make_request(merchant_id=merchant), make_request(merchant_id=merchant)
    facade.issue_invoice(request_id=early.id)
    refunds = []
    for one, amount in ((early, 3_000), (early, 7_000), (late, 10_000)):
        made = make_refund(facade.intent(intent_id=one.intent_id), amount)
        facade.record_refund(refund_id=made.id, result=facade.perform_refund(refund_id=made.id))
        refunds.append(made.id)

    def issue(request_id: Any) -> Callable[[], Any]:
        return lambda: facade.issue_invoice(request_id=request_id)

    def follow(refund_id: Any) -> Callable[[], Any]:
        return lambda: red.follow_refund(refund_id=refund_id)

    calls = [issue(one.id) for one in [*requests, *requests, late]]
    calls += [follow(refund_id) for refund_id in refunds * 2]
    only(Conflict, together(calls))
    rows = facade.sales_invoices_page(merchant_id=merchant, order=("id",), limit=100).items
    assert sorted(row.number[-6:] for row in rows) == [f"{n:06d}" for n in range(1, 8)]
    assert InvoiceSeries.objects.get(merchant_id=merchant).last == 7
    assert len({row.request_id for row in rows if row.kind == "blue"}) == 5
    whole = [row.gross.amount for row in rows if row.request_id == early.id]
    assert (sorted(whole), sum(whole)) == ([-7_000, -3_000, 10_000], 0)
    outbox.drain()
    assert len(facade.sales_invoices_page(merchant_id=merchant, limit=100).items) == 7
    assert facade.invoice_request(request_id=late.id).state == "canceled"


@pytest.mark.kill
def test_killed_between_number_and_invoice_leaves_no_gap(here: Any, zygote: Zygote) -> None:
    request = make_request()

    def work(failpoint: str) -> int:
        ended = zygote.run(
            "payments.facade:issue_invoice", scope=here.code, failpoint=failpoint,
            request_id=request.id,
        )  # fmt: skip
        assert ended.status == 0 or ended.signal == signal.SIGKILL, ended
        return ended.signal

    assert work("payments.invoice.numbered") == signal.SIGKILL
    assert facade.invoice_request(request_id=request.id).state == "requested"
    assert [work(""), work("")] == [0, 0]
    [made] = facade.sales_invoices_page(merchant_id=request.merchant_id).items
    assert made.number.endswith("-000001")
