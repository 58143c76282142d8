"""Random edits of products through the facades, and a large import: what ``search_chaos`` does to a
running product. Prints JSON."""

import json
import random
import sys
import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench.seed import PLATFORM


def edit(seconds: float, seed: int) -> dict[str, Any]:
    """Edit random products for so long; how many edits of each kind."""
    from catalog import facade as catalog
    from catalog.facade import ProductState
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7
    from marketplace import facade as marketplace

    dice, counts = random.Random(seed), dict.fromkeys(("title", "price", "state", "import"), 0)
    ids = _some(dice)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        info = catalog.product(dice.choice(ids))
        with acting(Actor(kind="merchant", id=uuid7(), merchant_id=info.merchant_id)):
            match dice.randrange(3):
                case 0:
                    titles = {"zh-Hans": f"江茶 {dice.random()}", "en": f"Tea {dice.random()}"}
                    catalog.update_product(product_id=info.id, changes={"titles": titles})
                    counts["title"] += 1
                case 1:
                    marketplace.set_price(
                        merchant_id=info.merchant_id,
                        variant_id=info.variants[0].id,
                        unit_price=Decimal(dice.randrange(100, 99_999)) / 100,
                        currency="CNY",
                    )
                    counts["price"] += 1
                case _:
                    if info.state == ProductState.PUBLISHED:
                        catalog.withdraw_product(product_id=info.id)
                    else:
                        catalog.publish_product(product_id=info.id)
                    counts["state"] += 1
    return counts


def import_many(count: int) -> dict[str, Any]:
    """Make and publish so many products as one merchant's key, as fast as it goes."""
    from bench.seed import _product
    from catalog import facade as catalog
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7

    began = time.monotonic()
    info = catalog.product(_some(random.Random(1))[0])
    key = uuid7()
    for number in range(count):
        with acting(Actor(kind="merchant", id=key, merchant_id=info.merchant_id)):
            made = _product(info.merchant_id, info.category_id, f"imported-{key}-{number}", 5)
            catalog.publish_product(product_id=made.id)
    return {"products": count, "seconds": round(time.monotonic() - began, 1)}


def freshness(samples: int, pause: float) -> dict[str, Any]:
    """Change one product's title to a new word, and ask the index until it is found."""
    from catalog import facade as catalog
    from kernel import tenancy
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7
    from search.contracts import Query
    from search.documents.types import PRODUCT
    from search.services.engines import engine

    dice, took = random.Random(samples), []
    ids = _some(dice)
    for _ in range(samples):
        word = "w" + "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
        one: UUID = dice.choice(ids)
        with acting(Actor(kind="operator", id=uuid7())):
            titles = {"zh-Hans": word, "en": word}
            catalog.update_product(product_id=one, changes={"titles": titles})
        began = time.monotonic()
        while True:
            found = engine().search(
                platform=str(tenancy.current_id()),
                doc_type=PRODUCT,
                query=Query(text=word, correct=False),
            )
            if found.total or time.monotonic() - began > 60:
                break
            time.sleep(0.01)
        took.append(time.monotonic() - began)
        time.sleep(pause)
    took.sort()
    return {
        "samples": samples,
        "p50_s": round(took[len(took) // 2], 3),
        "p95_s": round(took[int(len(took) * 0.95)], 3),
        "max_s": round(took[-1], 3),
    }


def _some(dice: random.Random) -> list[UUID]:
    """A few thousand products from all over."""
    from catalog import facade as catalog

    found: list[UUID] = []
    page = catalog.product_ids(limit=1000)
    while page and len(found) < 50_000:
        found += page
        page = catalog.product_ids(after=page[-1], limit=1000)
    return dice.sample(found, min(len(found), 3000))


def main() -> None:
    import django

    django.setup()
    from kernel import tenancy

    tenant = tenancy.directory().by_code(PLATFORM)
    assert tenant is not None
    what, *rest = sys.argv[1:]
    with tenancy.scope(tenant):
        result = {
            "edit": lambda: edit(float(rest[0]), int(rest[1])),
            "import": lambda: import_many(int(rest[0])),
            "freshness": lambda: freshness(int(rest[0]), float(rest[1])),
        }[what]()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
