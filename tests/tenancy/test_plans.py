"""The statements of every day use their index, as the app role, on two big platforms.

Rows are copies of one real row each, so the tables are as the product fills them. Not the
statements' texts but the product's own calls are explained.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from catalog import facade as catalog
from inventory import facade as inventory
from journeys.engine.sweep import due_journeys
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.outbox.relay import fan_out
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from marketplace import facade as marketplace
from marketplace.selectors.price_book import price_book
from marketplace.tokens import token_hash
from search.services.serving import take
from tests.kernel.test_plans import analyze
from tests.tenancy.towns import Towns

pytestmark = pytest.mark.slow
MANY = 20_000
MOST = 500  # rows that a hot read may touch of a big table
# Both begin with platform and product; which one is taken differs between PostgreSQL releases.
_VARIANTS = "catalog_variant_product|catalog_variant_options"
Node = dict[str, Any]
# What differs between the copies; everything else is as in the row that is copied. A parent's
# id is derived from a number, so that its children find it.
NTH = "md5('{0}' || {1})::uuid"
OF = "md5(%(salt)s || '{0}' || {1})::uuid"
COPIES: dict[str, tuple[int, dict[str, str]]] = {
    "platforms_platform": (1, {"id": "%(platform)s"}),
    "catalog_category": (
        40,
        {"id": OF.format("cat", "n"), "slug": "'c' || n", "path": "'c' || n", "external_id": "NULL",
         "parent_id": "NULL", "depth": "0"},
    ),
    "catalog_product": (
        MANY,
        {"id": OF.format("prd", "n"), "slug": "'p' || n", "external_id": "NULL",
         "category_id": OF.format("cat", "(1 + n %% 40)"), "title_key": "'t' || n",
         "merchant_id": OF.format("mer", "n %% 50"), "state": "'published'",
         "published_at": "%(now)s::timestamptz - n * interval '1 minute'"},
    ),
    "catalog_variant": (
        MANY,
        {"id": OF.format("var", "n"), "product_id": OF.format("prd", "n"), "sku": "'s' || n",
         "merchant_id": OF.format("mer", "n %% 50"), "external_id": "NULL"},
    ),
    "marketplace_offer": (
        MANY,
        {"id": OF.format("off", "n"), "variant_id": OF.format("var", "n"), "external_id": "NULL",
         "merchant_id": OF.format("mer", "n %% 50")},
    ),
    "marketplace_buyergroup": (
        5,
        {"id": OF.format("bgr", "n"), "code": "'g' || n", "merchant_id": OF.format("mer", "n"),
         "active": "true"},
    ),
    "marketplace_groupmember": (
        MANY,
        {"id": OF.format("gmb", "n"), "group_id": OF.format("bgr", "(1 + n %% 5)"),
         "buyer_id": OF.format("per", "n"), "state": "'member'", "email_lookup": "'e' || n",
         "token_hash": "md5('m' || n)"},
    ),
    "marketplace_pricelist": (
        5,
        {"id": OF.format("prl", "n"), "group_id": OF.format("bgr", "n"), "code": "'l' || n",
         "merchant_id": OF.format("mer", "n")},
    ),
    "marketplace_priceentry": (
        MANY,
        {"id": OF.format("ple", "n"), "price_list_id": OF.format("prl", "(1 + n %% 5)"),
         "variant_id": OF.format("var", "n")},
    ),
    "inventory_warehouse": (
        1,
        {"id": OF.format("whs", "n"), "external_id": "NULL", "merchant_id": OF.format("mer", "n")},
    ),
    "inventory_stock": (
        MANY,
        {"id": OF.format("stk", "n"), "variant_id": OF.format("var", "n"),
         "warehouse_id": OF.format("whs", "1"), "merchant_id": OF.format("mer", "n %% 50")},
    ),
    "marketplace_cart": (
        MANY,
        {"id": OF.format("crt", "n"), "buyer_id": "NULL",
         "token_hash": "CASE n WHEN 1 THEN %(token)s ELSE md5('t' || n) || md5('u' || n) END"},
    ),
    "platforms_apikey": (
        MANY,
        {"id": OF.format("key", "n"), "key_id": "left(md5('k' || n), 12)", "merchant_id": "NULL",
         "person_id": "NULL", "replaced_by_id": "NULL", "kind": "'operator'",
         "secret_hash": "md5('a' || n) || md5('b' || n)"},
    ),
    "marketplace_ordergroup": (
        1, {"id": OF.format("ogr", "n"), "key": OF.format("k", "n"), "number": "'g' || n"},
    ),
    "marketplace_order": (
        MANY,
        {"id": OF.format("ord", "n"), "group_id": OF.format("ogr", "1"), "number": "'o' || n",
         "merchant_id": OF.format("mer", "n"), "external_id": "NULL"},
    ),
    "journeys_journey": (
        MANY,
        {"id": OF.format("jny", "n"), "key": OF.format("k", "n"),
         "state": "CASE WHEN n %% 1000 = 0 THEN 'waiting' ELSE 'done' END",
         "deadline": "%(now)s::timestamptz + interval '1 day'"},
    ),
    "search_change": (MANY, {"id": OF.format("chg", "n"), "ref_id": OF.format("prd", "n"),
                             "kind": "'product'", "lane": "n %% 2", "state": "'pending'"}),
    "kernel_outboxevent": (
        MANY,
        {"id": f"overlay({OF.format('evt', 'n')}::text "
               "placing left(kernel_uuid_floor(%(now)s)::text, 13) from 1)::uuid",
         "aggregate_id": OF.format("agg", "n %% 50"), "version": "n",
         "published_at": "CASE WHEN n %% 1000 = 0 THEN NULL ELSE %(now)s::timestamptz END"},
    ),
}  # fmt: skip
BIG = [table for table, (count, _changes) in COPIES.items() if count == MANY]
FIND_KEY = "SELECT prosrc FROM pg_proc WHERE proname = 'platforms_find_key'"


@pytest.fixture(scope="package")
def big(towns: Towns) -> Tenant:
    """Two more platforms with 20,000 rows in each table that matters; the second of them."""
    tenant = towns.a.tenant
    for salt in ("one", "two"):
        tenant = Tenant(id=uuid7(), code=f"big-{salt}")
        values = {
            "platform": tenant.id, "salt": salt, "now": clock.system(), "old": towns.a.tenant.id,
            "token": token_hash("wanted"),
        }  # fmt: skip
        for table, (count, changes) in COPIES.items():
            towns.owner.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
                "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            columns = [row[0] for row in towns.owner.fetchall()]
            changed = changes | {"platform_id": "%(platform)s"}
            towns.owner.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"SELECT {', '.join(changed.get(c, f'r.{c}') for c in columns)} "
                f"FROM (SELECT * FROM {table} WHERE platform_id = %(old)s LIMIT 1) AS r, "
                f"generate_series(1, {count}) AS n".encode(),
                values,
            )
            # At once: the keys of what follows are checked by a plan for a table of this size.
            analyze(towns.owner, table)
    return tenant


@contextmanager
def explaining(alias: str = "default") -> Iterator[list[Node]]:
    """The nodes of the plans of all statements that the block runs, with what they really read."""
    nodes: list[Node] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(SELECT|WITH)", sql) and "set_config" not in sql:
            raw = context["cursor"]
            raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            found = raw.fetchone()[0]
            plan = json.loads(found) if isinstance(found, str) else found
            nodes.extend(_nodes(plan[0]["Plan"]))
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(explain):
        yield nodes


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def numbered(towns: Towns, kind: str, number: int) -> Any:
    towns.owner.execute(f"SELECT {NTH.format('two' + kind, number)}".encode())
    row = towns.owner.fetchone()
    assert row is not None
    return row[0]


def key_look_up() -> Any:
    """The statement inside the function, which EXPLAIN doesn't look into."""
    with cursor() as sql:
        sql.execute(FIND_KEY)
        body = sql.fetchone()[0]
        inner = body.partition("RETURN QUERY")[2].partition(";")[0].strip()
        inner = inner.replace("wanted_platform", "%s").replace("wanted_key", "%s")
        sql.execute(inner, [tenancy.current_id(), "0123456789ab"])
        return sql.fetchall()


def used_by(nodes: list[Node]) -> set[str]:
    """The indexes that are used, those of partitions by their parent's name."""
    names = {node["Index Name"] for node in nodes if "Index Name" in node}
    return names | {name.removesuffix("_first") for name in names}


def check(nodes: list[Node], *indexes: str) -> None:
    """No big table is read through, not even one platform's part of it; these indexes are used."""
    for node in nodes:
        if any(re.fullmatch(rf"{t}(_first|_rest|_\d{{8}})?", node.get("Relation Name", ""))
               for t in BIG):  # fmt: skip
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            # An empty partition may be read through.
            assert node["Node Type"] != "Seq Scan" or rows == 0, node
            assert rows * node["Actual Loops"] <= MOST, node
    used = used_by(nodes)
    for index in indexes:
        assert used & set(index.split("|")), (index, sorted(used))


def check_relay(nodes: list[Node]) -> None:
    """Unpublished rows are found by one of the two indexes that hold nothing else."""
    check(nodes)
    used = used_by(nodes)
    wanted = ("kernel_event_unpublished", "kernel_event_head")
    # A week's partition names its own copies itself: by their columns.
    assert any(name in used for name in wanted) or any("_txid_id_" in name for name in used), used


def test_copies_are_there(towns: Towns, big: Tenant) -> None:
    for table in BIG:
        towns.owner.execute(
            f"SELECT count(*) FROM {table} WHERE platform_id = %s".encode(), [big.id]
        )
        assert towns.owner.fetchone() == (MANY,), table


def test_a_scan_would_be_seen(big: Tenant) -> None:
    """What no index serves is a scan, and ``check`` says so."""
    with tenancy.scope(big), explaining() as nodes, cursor() as sql:
        sql.execute("SELECT count(*) FROM catalog_product WHERE titles::text LIKE '%nowhere%'")
    with pytest.raises(AssertionError):
        check(nodes)


def test_hot_reads_use_their_index(towns: Towns, big: Tenant) -> None:
    variants = [numbered(towns, "var", n) for n in range(1, 21)]
    category, product = numbered(towns, "cat", 7), numbered(towns, "prd", 70)
    merchant, buyer = numbered(towns, "mer", 700), numbered(towns, "per", 7)
    reads: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
        "list by category": (
            lambda: catalog.product_cards(category=category).items,
            ("catalog_product_cat_newest", _VARIANTS),
        ),
        "list by title": (
            lambda: catalog.product_cards(category=category, sort="title").items,
            ("catalog_product_cat_title",),
        ),
        "product page": (
            lambda: catalog.product_page(slug_or_id=product),
            ("catalog_product_pkey", _VARIANTS),
        ),
        "page by slug": (
            lambda: catalog.product_page(slug_or_id="p70"), ("catalog_product_slug",)
        ),
        "prices": (lambda: marketplace.prices(variants), ("marketplace_offer_variant",)),
        "what a buyer pays": (
            lambda: price_book(buyer, dict.fromkeys(variants)).lists,
            ("marketplace_groupmember_buyer", "marketplace_priceentry_variant",
             "marketplace_priceentry_category"),
        ),
        "stock": (
            lambda: any(inventory.availability(variants).values()), ("inventory_stock_once",)
        ),
        "cart by token": (
            lambda: marketplace.cart_for(token="wanted"), ("marketplace_cart_token",)
        ),
        "API key": (key_look_up, ("platforms_key_public",)),
        "orders of a merchant": (
            lambda: marketplace.orders(merchant_id=merchant).items,
            ("marketplace_order_of_merchant",),
        ),
        "sweep of journeys": (due_journeys, ("journeys_open",)),
        "hidden of late": (
            lambda: catalog.hidden_since(clock.system() - timedelta(days=1)),
            ("catalog_product_hidden",),
        ),
        "tiles by id": (lambda: catalog.cards([product]), ("catalog_product_pkey",)),
        "sources by id": (lambda: catalog.products([product]), ("catalog_product_pkey",)),
        "changes to serve": (lambda: take(0, 100).rows, ("search_change_due",)),
    }  # fmt: skip
    empty = {"API key", "sweep of journeys", "hidden of late"}
    with tenancy.scope(big):
        for name, (read, indexes) in reads.items():
            with explaining() as nodes:
                found = read()
            assert nodes, name
            assert found or name in empty, f"{name} found nothing"
            check(nodes, *indexes)


def test_the_relay_uses_its_index(big: Tenant) -> None:
    """As the system role, over all platforms, as the worker runs it; taken back afterwards."""
    with system_cursor("default") as sql, explaining("system") as nodes:
        fan_out(sql)
        connections["system"].set_rollback(True)
    check_relay(nodes)


def test_the_relay_of_one_platform_uses_its_index(big: Tenant) -> None:
    """The relay as it drains one platform; taken back afterwards."""
    with tenancy.scope(big), atomic(), cursor() as sql, explaining() as nodes:
        fan_out(sql, platform=big.id)
        connections["default"].set_rollback(True)
    check_relay(nodes)
