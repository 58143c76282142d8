"""Random edits of products through the facades, and a large import by the worker's job: what
``search_chaos`` does to a running product. Prints JSON."""

import json
import random
import sys
import time
from decimal import Decimal
from typing import Any
from uuid import UUID

import psutil

from bench.seed import PLATFORM

ENDS = ("done", "cancelled")


def edit(seconds: float, seed: int, pause: float = 0) -> dict[str, Any]:
    """Edit random products for so long, with so many seconds between; how many of each kind."""
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
        time.sleep(pause)
    return counts


def import_many(count: int) -> dict[str, Any]:
    """Have the worker take in a list of so many new products; until the index has them too."""
    from bench.imports import the_list
    from catalog import facade as catalog
    from journeys import facade as journeys
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7

    info = catalog.product(_some(random.Random(1))[0])
    with acting(Actor(kind="merchant", id=uuid7(), merchant_id=info.merchant_id)):
        made = journeys.upload_import(merchant_id=info.merchant_id, data=the_list(count))
        journeys.run_import(import_id=made.id, merchant_id=info.merchant_id)
    began = time.monotonic()
    while journeys.product_import(import_id=made.id).state not in ENDS:
        time.sleep(0.1)
    took = time.monotonic() - began
    done = journeys.product_import(import_id=made.id)
    while any(_waiting().values()):
        time.sleep(0.2)
    return {
        "state": str(done.state),
        "made": done.made,
        "failed": done.failed,
        "seconds": round(took, 1),
        "indexed_s": round(time.monotonic() - began, 1),
    }


def freshness(samples: int, pause: float, beside: int = 0) -> dict[str, Any]:
    """Change one product's title to a new word, and ask the index until it is found; so many
    times, or for as long as the process ``beside`` lives."""
    dice = random.Random(samples)
    took: list[float] = []
    ids = _some(dice)
    while (_lives(beside) if beside else len(took) < samples) or not took:
        took.append(_found_after(dice.choice(ids), dice))
        time.sleep(pause)
    took.sort()
    return {
        "samples": len(took),
        "p50_s": round(took[len(took) // 2], 3),
        "p95_s": round(took[int(len(took) * 0.95)], 3),
        "max_s": round(took[-1], 3),
    }


def _found_after(product: UUID, dice: random.Random) -> float:
    """Seconds from a title's commit until it is found."""
    from catalog import facade as catalog
    from kernel import tenancy
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7
    from search.contracts import Query
    from search.documents.types import PRODUCT
    from search.services.engines import engine

    word = "w" + "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
    with acting(Actor(kind="operator", id=uuid7())):
        catalog.update_product(
            product_id=product, changes={"titles": {"zh-Hans": word, "en": word}}
        )
    began = time.monotonic()
    while time.monotonic() - began < 60:
        found = engine().search(
            platform=str(tenancy.current_id()),
            doc_type=PRODUCT,
            query=Query(text=word, correct=False),
        )
        if found.total:
            break
        time.sleep(0.01)
    return time.monotonic() - began


def _waiting() -> dict[str, int]:
    """Changes that the index doesn't know yet, by lane."""
    from search.services.engines import engine
    from search.services.inspecting import status

    return dict(status(engine())["databases"][0]["waiting"])


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


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
            "edit": lambda: edit(float(rest[0]), int(rest[1]), *map(float, rest[2:])),
            "import": lambda: import_many(int(rest[0])),
            "freshness": lambda: freshness(int(rest[0]), float(rest[1]), *map(int, rest[2:])),
        }[what]()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
