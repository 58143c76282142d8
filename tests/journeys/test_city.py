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
    # Bought: 59.90, 3 × 33.30, 2 × 45.00. The coupon takes 8.00 off the first; of the platform's
    # 15.00 it bears 3.22, 6.20 and 5.58. With delivery (6.00, 8.00, 7.00): 54.68, 101.70, 91.42.
    # One of three comes back: 93.70 / 3 to the buyer, 6.20 / 3 to the platform, and of the
    # commission 5.00 × 31.23 / 101.70 to the merchant. The third order goes back whole.
    assert found == {
        "买家": -(5468 + 10170 + 9142 - 3123 - 9142),
        SHOPS[0].zh: 5468 + 322 - 260,
        SHOPS[1].zh: 10170 + 620 - 500 - 3123 - 207 + 154,
        "平台 commission": 260 + 500 - 154,
        "平台 subsidy": -(322 + 620 - 207),
        "平台 gateway_fee": -749,
        "支付网关": 749,
    }
    assert sum(found.values()) == 0
    assert any("a defective one replaced" in line for line in said)
    assert any("¥247.80 at once, for three orders" in line for line in said)
