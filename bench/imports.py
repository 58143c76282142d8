"""Import a list of products through the job's own code: ``.venv/bin/python -m bench.imports``.

On a PostgreSQL of its own, with fsync on. Each product has one variant, a price and stock, and is
published. Beside it, in the same run, what a bare program would do with the same products: one
``INSERT`` of many rows into each of product, variant, price and stock, in the same portions, with
neither search words, history, audit nor events. Prints both and their ratio.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TARGET = 2250  # products a second
HEADER = "商品编号,标题,title (en),单位,状态,货号,重量(克),条码,售价,库存\n"
KINDS = ("人参", "木耳", "榛蘑", "松子", "蓝莓", "大米", "豆油", "冷面", "辣白菜", "羊毛袜")


def the_list(count: int, *, price: str = "48.00") -> bytes:
    """A product a row."""
    return (
        HEADER
        + "".join(
            f"B-{n},长白山{KINDS[n % 10]}{n}号,Changbai goods no. {n},C62,published,SKU-{n},"
            f"{250 + n % 50},,{price},{n % 100}\n"
            for n in range(count)
        )
    ).encode()


def carried_out(merchant_id: Any, data: bytes, *, check: bool = False) -> dict[str, Any]:
    """Upload and run (or check) it here; how long each took."""
    from journeys import facade as journeys
    from journeys.services import imports
    from kernel import personal
    from kernel.jobs import JobContext

    began = time.perf_counter()
    info = journeys.upload_import(merchant_id=merchant_id, data=data)
    taken_in = time.perf_counter() - began
    start = journeys.check_import if check else journeys.run_import
    began = time.perf_counter()
    cpu = time.process_time()
    info = start(import_id=info.id, merchant_id=merchant_id)
    assert info.job_id is not None
    context = JobContext(info.job_id, imports.JOB, 1)
    context.progress = lambda done, total: None  # type: ignore[method-assign]
    with personal.keyring():
        imports.work(context, import_id=info.id)
    took = time.perf_counter() - began
    info = journeys.product_import(import_id=info.id)
    assert info.failed == 0, [one.problem for one in journeys.every_problem(info.id)][:3]
    return {
        "products": info.products,
        "made": info.made,
        "changed": info.changed,
        "unchanged": info.unchanged,
        "upload_s": round(taken_in, 2),
        "seconds": round(took, 2),
        "python_s": round(time.process_time() - cpu, 2),
        "per_second": round(info.products / took),
    }


def bare(count: int, portion: int = 250) -> float:
    """The least there is to write, by plain statements; products a second."""
    from catalog.models import PRODUCTS, VARIANTS, Product, Variant
    from inventory.models import Stock, Warehouse
    from kernel import clock
    from kernel.ids import uuid7
    from kernel.statements import Rows
    from kernel.transactions import atomic
    from marketplace.models import OFFERS, Offer

    merchant_id, place = uuid7(), Warehouse.objects.all()[0]
    stocks = Rows(Stock)
    began = time.perf_counter()
    for start in range(0, count, portion):
        products = [
            Product(
                id=uuid7(), merchant_id=merchant_id, slug=f"bare-{n}", external_id=f"X-{n}",
                titles={"zh-Hans": f"长白山{n}号", "en": f"Changbai goods no. {n}"},
                title_key=f"{n}", state="published", published_at=clock.business(),
            )
            for n in range(start, min(start + portion, count))
        ]  # fmt: skip
        variants = [
            Variant(product_id=row.id, merchant_id=merchant_id, sku=f"X{row.slug}", options_key="-")
            for row in products
        ]
        with atomic():
            PRODUCTS.insert_all(products)
            VARIANTS.insert_all(variants)
            OFFERS.insert_all(
                Offer(
                    variant_id=row.id, merchant_id=merchant_id, unit_price=48, price_key=4800,
                    currency="CNY",
                )
                for row in variants
            )  # fmt: skip
            stocks.insert_all(
                Stock(variant_id=row.id, merchant_id=merchant_id, warehouse=place, on_hand=5)
                for row in variants
            )
    return count / (time.perf_counter() - began)


def measure(products: int) -> dict[str, Any]:
    """Everything, on the database that the settings name."""
    from importlib import import_module

    import_module("config.loaded")  # as in the worker: the collector has nothing to look through
    from inventory import facade as inventory
    from kernel import tenancy
    from kernel.actors import Actor, acting
    from kernel.ids import uuid7
    from platforms import facade as platforms
    from platforms.sections import blueprint_by_name

    platforms.open_platform(
        code="bench", names={"zh-Hans": "量", "en": "Bench"},
        blueprint=blueprint_by_name("city_retail"),
    )  # fmt: skip
    tenant = tenancy.directory().by_code("bench")
    assert tenant is not None
    with tenancy.scope(tenant):
        merchant = platforms.create_merchant(
            names={"zh-Hans": "商户", "en": "Shop"}, contact_email="bench@example.com"
        )
        platforms.approve_merchant(merchant_id=merchant.id)
        inventory.create_warehouse(merchant_id=merchant.id, names={"zh-Hans": "仓"})
        with acting(Actor(kind="merchant", id=uuid7(), merchant_id=merchant.id)):
            found: dict[str, Any] = {
                "check": carried_out(merchant.id, the_list(products), check=True),
                "new": carried_out(merchant.id, the_list(products)),
                "unchanged": carried_out(merchant.id, the_list(products)),
                "new prices": carried_out(merchant.id, the_list(products, price="49.00")),
                "bare_per_second": round(bare(products)),
            }
    found["ratio_to_bare"] = round(found["new"]["per_second"] / found["bare_per_second"], 3)
    found["ratio_to_target"] = round(found["new"]["per_second"] / TARGET, 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.imports", description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--here", action="store_true", help="on the server that already runs")
    chosen = parser.parse_args()
    if chosen.here:
        print(json.dumps(measure(chosen.products), indent=1, ensure_ascii=False))
        return
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as name:
        Path(name).chmod(0o711)
        os.environ |= {"DATA_DIR": name, "DJANGO_SETTINGS_MODULE": "config.settings"}
        server = started(Path(name))
        try:
            for command in (["manage.py", "prepare"], ["-m", "bench.imports", "--here"]):
                more = ["--products", str(chosen.products)] if command[0] == "-m" else []
                subprocess.run([sys.executable, *command, *more], check=True)
        finally:
            server.stop()


def started(folder: Path) -> Any:
    """A new server with its roles and databases."""
    import psycopg

    from config.embedded.postgres import Server
    from config.embedded.roles import LOGIN_ROLES, bootstrap_roles
    from config.embedded.secrets import kept_secret

    Path(folder, "static").mkdir()
    server = Server(folder)
    server.start()
    passwords = {role: kept_secret(folder, f"postgres_quancheng_{role}") for role in LOGIN_ROLES}
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        bootstrap_roles(admin, passwords=passwords)
    return server


if __name__ == "__main__":
    main()
