"""The city's purchase (J4) by the API alone: what everybody has in the end, to the last fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import requests

from config.demo.city import City
from config.demo.goods import SHOPS
from config.demo.progress import Progress
from config.demo.promotions import open_promotions
from kernel import jobs, outbox
from kernel.tenancy import Tenant
from logistics import facade as logistics
from logistics.models import Shipment
from sandbox.delivery.worker import drain
from tests.factories.corn_deal import InProcess
from tests.factories.platforms import make_key, make_person
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_shop

pytestmark = pytest.mark.django_db(transaction=True)
PRICES = ("59.90", "33.30", "45.00")


@dataclass
class Town:
    url: str
    key: str
    merchants: list[UUID]


@pytest.fixture
def town(platform: Tenant) -> Iterator[Town]:
    with serving() as url:
        key = make_account()
        connect(url, key)
        shops = [make_shop(price=price) for price in PRICES]
        merchants = [shop.merchant_id for shop in shops]
        open_promotions({one.code: id for one, id in zip(SHOPS, merchants, strict=True)})
        yield Town(url, key, merchants)


def work() -> None:
    """What workers and the sandbox's reports would do."""
    outbox.drain()
    jobs.drain(quiet=True)
    drain()


def test_every_amount_of_every_party(town: Town, platform: Tenant, tmp_path: Path) -> None:
    base = f"/p/{platform.code}/api/v1"
    buyer = make_person(role="buyer")
    callers = {
        "buyer": InProcess(base, make_key(kind="buyer", person_id=buyer.id).raw),
        "operator": InProcess(base, make_key(kind="operator", person_id=make_person().id).raw),
    } | {
        shop.code: InProcess(base, make_key(merchant_id=merchant).raw)
        for shop, merchant in zip(SHOPS, town.merchants, strict=True)
    }

    def advance(waybill: str) -> None:
        where = f"{town.url}/carrier/v1/waybills/{waybill}/advance"
        headers = {"Authorization": f"Bearer {town.key}"}
        while requests.post(where, headers=headers, timeout=10).status_code != 409:
            pass
        parcel = Shipment.objects.get(waybill=waybill)
        logistics.poll_shipment(shipment_id=parcel.id)

    said: list[str] = []
    progress = Progress(tmp_path / "progress.json")
    story = City(progress, said.append, callers=callers, advance=advance, pause=work)
    found = dict(story.run())
    assert found == {}
