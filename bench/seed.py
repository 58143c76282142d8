"""Fill one platform: 10,000 published products with two variants, prices, stock and a picture.

``templates`` makes one product of each merchant through the facades, as a merchant's program
would; ``multiply`` copies these rows inside the database, every column the same but for ids and
what must be unique. So each copy is what the services would have written, save the audit rows and
events of its making, which nothing that is measured reads.
"""

import json
import sys
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

PLATFORM = "bench"
MERCHANTS = 5
PRICES = ("19.90", "34.50")
STOCK = 100_000
SCARCE = 100
# What each copied table must not share with its template; everything else is copied.
OWN: dict[str, dict[str, str]] = {
    "catalog_product": {
        "id": "m.product",
        "slug": "t.slug || '-' || m.n",
        "external_id": "t.external_id || '-' || m.n",
        "title_key": "left(t.title_key, 100) || lpad(m.n::text, 6, '0')",
        "titles": """jsonb_build_object('zh-Hans', (t.titles->>'zh-Hans') || ' ' || m.n,
                     'en', (t.titles->>'en') || ' ' || m.n)""",
        "published_at": "t.published_at - m.n * interval '1 second'",
    },
    "catalog_variant": {
        "id": "m.variant",
        "product_id": "m.product",
        "sku": "t.sku || '-' || m.n",
    },
    "catalog_picture": {"id": "uuidv7()", "product_id": "m.product"},
    "catalog_producttoken": {"id": "uuidv7()", "product_id": "m.product"},
    "inventory_stock": {"id": "m.stock", "variant_id": "m.variant"},
    "inventory_movement": {
        "id": "uuidv7()",
        "stock_id": "m.stock",
        "variant_id": "m.variant",
    },
    "marketplace_offer": {"id": "m.offer", "variant_id": "m.variant"},
    "marketplace_pricerecord": {"id": "uuidv7()", "offer_id": "m.offer"},
}
# How a table's template rows find their copies.
BY_PRODUCT = "JOIN bench_product m ON m.template = t.{}"
JOINS = {
    "catalog_product": BY_PRODUCT.format("id"),
    "catalog_variant": "JOIN bench_variant m ON m.template = t.id",
    "catalog_picture": BY_PRODUCT.format("product_id"),
    "catalog_producttoken": BY_PRODUCT.format("product_id"),
    "inventory_stock": "JOIN bench_variant m ON m.template = t.variant_id",
    "inventory_movement": "JOIN bench_variant m ON m.template = t.variant_id",
    "marketplace_offer": "JOIN bench_variant m ON m.template = t.variant_id",
    "marketplace_pricerecord": "JOIN bench_variant m ON m.template_offer = t.offer_id",
}
MAPS = """
CREATE TEMP TABLE bench_product AS
SELECT p.id AS template, p.platform_id, n, uuidv7() AS product
FROM catalog_product p, generate_series(1, %(each)s) AS n WHERE p.external_id LIKE 'bench-%%';
CREATE TEMP TABLE bench_variant AS
SELECT v.id AS template, o.id AS template_offer, b.product, b.n, uuidv7() AS variant,
  uuidv7() AS stock, uuidv7() AS offer
FROM bench_product b JOIN catalog_variant v ON v.product_id = b.template
JOIN marketplace_offer o ON o.variant_id = v.id;
"""


def multiply(url: str, *, products: int) -> None:
    """Copy the templates until there are ``products``; as the owner of the tables."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL synchronous_commit = off")
        for statement in MAPS.replace("%(each)s", str(products // MERCHANTS - 1)).split(";"):
            if statement.strip():
                connection.execute(statement.replace("%%", "%").encode())
        for table, own in OWN.items():
            _copy(connection, table, own)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _copy(connection: "psycopg.Connection[Any]", table: str, own: dict[str, str]) -> None:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    ).fetchall()
    names = [row[0] for row in rows]
    if missing := own.keys() - set(names):
        raise RuntimeError(f"{table} has no column {missing}: bench/seed.py is out of date.")
    values = [own.get(name, f't."{name}"') for name in names]
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    statement = f"SELECT {', '.join(values)} FROM {table} t {JOINS[table]}"
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) ").format(sql.Identifier(table), columns) + sql.SQL(statement)
    )
    # Foreign keys to it are checked by a plan that was made for five rows otherwise.
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def templates(gateway_url: str, web_url: str) -> dict[str, Any]:
    """A platform with merchants, keys and one product each; prints what the load needs."""
    import django

    django.setup()
    from kernel import tenancy
    from platforms import facade as platforms

    platforms.open_platform(
        code=PLATFORM, names={"zh-Hans": "压测", "en": "Bench"}, blueprint="city_retail"
    )
    tenant = tenancy.directory().by_code(PLATFORM)
    assert tenant is not None
    with tenancy.scope(tenant):
        found = _goods()
        _connect(gateway_url, web_url)
    return {"platform_id": str(tenant.id), **found}


def _goods() -> dict[str, Any]:
    from catalog import facade as catalog
    from config.demo.pictures import picture
    from kernel.ids import public_id
    from platforms import facade as platforms

    category = catalog.create_category(names={"zh-Hans": "茶", "en": "Tea"}, slug="tea").id
    keys = []
    for number in range(MERCHANTS):
        merchant = platforms.create_merchant(
            names={"zh-Hans": f"商家 {number}", "en": f"Merchant {number}"},
            contact_email=f"merchant{number}@example.com",
        )
        platforms.approve_merchant(merchant_id=merchant.id)
        keys.append(
            platforms.issue_api_key(
                kind="merchant", merchant_id=merchant.id, scopes=("*",), name="bench"
            ).raw
        )
        product = _product(merchant.id, category, f"bench-{number}", STOCK)
        catalog.add_picture(product_id=product.id, data=picture("jar", number))
        catalog.publish_product(product_id=product.id)
    scarce = _product(merchant.id, category, "scarce", SCARCE)
    catalog.publish_product(product_id=scarce.id)
    return {
        "keys": keys,
        "category": public_id("cat", category),
        "scarce": public_id("var", scarce.variants[0].id),
        "merchants": [],
    }


def _product(merchant_id: Any, category_id: Any, code: str, stock: int) -> Any:
    from catalog import facade as catalog
    from inventory import facade as inventory
    from marketplace import facade as marketplace

    made = catalog.create_product(
        merchant_id=merchant_id,
        category_id=category_id,
        titles={"zh-Hans": f"江茶 {code}", "en": f"River tea {code}"},
        descriptions={"zh-Hans": "春茶，产自江边。" * 8, "en": "Spring tea from the river. " * 8},
        options=[catalog.OptionAxis("size", {"zh-Hans": "规格", "en": "Size"})],
        variants=[
            catalog.VariantInput(
                sku=f"{code}-{place}",
                options={"size": {"zh-Hans": f"{place} 两", "en": f"{place * 50} g"}},
                weight_grams=60 * place,
            )
            for place in (1, 2)
        ],
        external_id=code,
    )
    place = inventory.put_warehouse(
        merchant_id=merchant_id, external_id="main", values={"names": {"en": "Main"}}
    ).id
    for variant, price in zip(made.variants, PRICES, strict=True):
        marketplace.set_price(
            merchant_id=merchant_id,
            variant_id=variant.id,
            unit_price=Decimal(price),
            currency="CNY",
        )
        inventory.set_stock(
            merchant_id=merchant_id,
            variant_id=variant.id,
            warehouse_id=place,
            on_hand=Decimal(stock),
        )
    return made


def _connect(gateway_url: str, web_url: str) -> None:
    """Introduce the platform to the sandbox, webhooks included."""
    import requests

    from payments import facade as payments
    from sandbox.accounts import create_account

    key = create_account("bench")
    session = requests.Session()
    session.trust_env = False
    hook = session.post(
        f"{gateway_url}/v1/webhook_endpoints",
        data={
            "url": f"{web_url}/p/{PLATFORM}/api/v1/webhooks/gateway",
            "enabled_events[]": payments.CARD_EVENTS,
        },
        headers={"Authorization": f"Bearer {key}"},
        timeout=20,
    )
    hook.raise_for_status()
    payments.configure_gateway(
        secret_key=key, webhook_secret=hook.json()["secret"], base_url=gateway_url
    )


if __name__ == "__main__":
    print(json.dumps(templates(*sys.argv[1:3])))
