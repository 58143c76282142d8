"""Web, worker, sandbox, database or all of it killed while people buy: nothing lost or doubled."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.races.market import SHOPS, STOCK
from tests.races.served import Buyers, Served, charges, served_machine, unfinished
from tests.runner.machine import wait

pytestmark = [pytest.mark.slow, pytest.mark.kill]
VICTIMS = ("web", "worker", "gateway", "postgres", "supervisor", "machine")


@pytest.fixture
def machine() -> Iterator[Served]:
    with served_machine() as found:
        yield found


@pytest.mark.timeout(1500)  # many starts, on a busy machine
def test_people_buy_while_everything_is_killed(machine: Served) -> None:
    machine.up()
    market = machine.run(
        "open",
        f"http://127.0.0.1:{machine.port}",
        f"http://127.0.0.1:{machine.gateway_port}",
    )
    buyers = Buyers(machine, market)

    def sold(at_least: int) -> Callable[[], bool]:
        return lambda: len(buyers.done) >= at_least or bool(buyers.failures)

    try:
        for victim in VICTIMS:
            buyers.come()
            wait(sold(len(buyers.done) + 3), seconds=200, told=lambda: str(machine.ready()))
            machine.kill(victim)
            time.sleep(1)
            machine.up()
    finally:
        purchases = buyers.go()
    wait(
        lambda: not unfinished(machine, market),
        seconds=300,  # leases of a minute, and the pauses after several failures
        told=lambda: str(unfinished(machine, market)),
    )
    books = machine.run("audit", market["code"])
    made = charges(machine, market["gateway_key"])
    net = sum(charge["amount_captured"] - charge["amount_refunded"] for charge in made)

    assert books["balanced"], books["problems"]
    assert any(purchase.tries > 1 for purchase in purchases), "nobody was disturbed"
    paid = set(books["paid_orders"])
    for purchase in purchases:
        orders = purchase.answer["orders"]
        assert len(orders) == SHOPS
        assert set(orders) <= paid, (purchase, books)
    assert len(purchases) * SHOPS == len(paid)
    assert sum(purchase.total for purchase in purchases) == books["paid_total"]
    assert net == books["charged"] == books["paid_total"]
    assert books["journeys"] == {"done": len(purchases)}
    assert set(books["orders"]) == {"paid"}
    assert books["reservations"] == {"committed": len(purchases)}
    assert (books["sold"], books["held"]) == (len(paid), 0)
    assert books["left"] == SHOPS * STOCK - books["sold"]
    assert books["parked"] == 0
    assert len(made) == len(purchases), "each was charged once"
