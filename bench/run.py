"""One run: start, fill, measure, check, stop."""

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench import checks, pgbench, scenarios, searching, seed
from bench.load import Connection, Figures, Round, run, run_each
from bench.processes import Usage, usage
from bench.stack import Stack, free_port, serving
from kernel.ids import public_id

BUYERS = 200
# A checkout sends a hundred statements, each planned anew the first five times on a connection.
WARM_ORDERS = 3
CALM = 0.15  # seconds of processor time in a second, of all processes: what waiting costs


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Run:
    """What to measure, and what was found."""

    folder: Path
    products: int
    clients: list[int]
    seconds: float
    workers: int
    threads: int
    warm: float = 2  # seconds before it counts
    only: set[str] = field(default_factory=set)
    batch: int = 100  # products in a batch
    transfers: int = 1000  # transfers in a batch
    patience: float = 60  # seconds that the product may take to be calm again
    found: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stack = Stack(self.folder, workers=self.workers, threads=self.threads)
        self.facts: dict[str, Any] = {}
        self.variants: list[str] = []

    def everything(self) -> dict[str, Any]:
        """The whole run. Raises NotFair when a guarantee is off."""
        try:
            self._fill()
            self._cold_start()
            self.found["guarantees"] = checks.guarantees(self._owner, self._app)
            self.found["machine"] = self._machine()
            for name, part in self._parts().items():
                if not self.only or name in self.only:
                    part()
            self.found["memory_mib"] = self._memory()
        finally:
            self.stack.stop()
        failed = [row["name"] for row in self.rows if row.get("failed")]
        return self.found | {"rows": self.rows, "failed": failed}

    def _parts(self) -> dict[str, Callable[[], None]]:
        return {
            "read": self._read,
            "search": self._search,
            "order": self._order,
            "write": self._write,
            "ledger": self._ledger,
            "race": self._race,
        }

    @property
    def _owner(self) -> str:
        return self.stack.database_url("owner")

    @property
    def _app(self) -> str:
        return self.stack.database_url("app")

    def _fill(self) -> None:
        say("Starting the product on an empty folder …")
        first = self.stack.start()
        began = time.monotonic()
        gateway = f"http://127.0.0.1:{self.stack.gateway_port}"
        self.facts = self.stack.python("bench.seed", gateway, self.stack.url)
        seed.multiply(self._owner, products=self.products)
        pgbench.prepare(self.stack.database_url("admin", "postgres"), self._owner)
        with psycopg.connect(self._owner) as connection:
            rows = connection.execute(
                "SELECT id FROM catalog_variant WHERE sku LIKE 'bench-%-%-%' "
                "ORDER BY product_id, position"
            ).fetchall()
        # Neighbours are of different products and merchants.
        ids = [public_id("var", row[0]) for row in rows]
        half = len(ids) // 2
        self.variants = [one for pair in zip(ids[:half], ids[half:], strict=False) for one in pair]
        took = time.monotonic() - began
        self.found["first_start_s"] = round(first, 2)
        self.found["fill_s"] = round(took, 1)
        say(f"Filled with {self.products} products × 2 variants in {took:.0f} s.")

    def _cold_start(self) -> None:
        self.stack.stop()
        path = f"{scenarios.API}/storefront/products?limit=20"
        self.found["cold_start_s"] = round(self.stack.start(path), 2)
        say(f"Cold start to the first list of products: {self.found['cold_start_s']} s.")

    def _calm(self) -> None:
        """Until the product has done what it was left to do: the next figures are of the next
        load, and what a load leaves to the worker is counted for it."""
        assert self.stack.process is not None
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            before = usage(self.stack.process.pid).cpu
            time.sleep(1)
            after = usage(self.stack.process.pid).cpu
            if sum(after.values()) - sum(before.values()) < CALM:
                return
        if self.patience:
            say(f"  the product was still busy after {self.patience:.0f} s")

    def _machine(self) -> dict[str, Any]:
        return {
            "cpus": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
            "web_workers": self.workers,
            "web_threads": self.threads,
            "products": self.products,
        }

    def _scenario(
        self,
        name: str,
        one_round: Callable[[], Round],
        *,
        url: str = "",
        pid: int = 0,
        units: int = 1,
        warm: float | None = None,
    ) -> dict[int, dict[str, Any]]:
        """Measure with each number of clients. ``units``: what one round counts for."""
        found = {}
        root = pid or (self.stack.process.pid if self.stack.process else 0)
        self._calm()
        for clients in self.clients:
            before = usage(root)
            figures: Figures = run(
                name,
                url or self.stack.url,
                one_round(),
                clients=clients,
                seconds=self.seconds,
                warm=self.warm if warm is None else warm,
            )
            self._calm()
            row = figures.as_dict() | _cpu(before, usage(root), figures)
            row["per_second"] = round(row["per_second"] * units, 1)
            row["units"] = units
            self.rows.append(row)
            found[clients] = row
            say(
                f"  {name} ×{clients}: {row['per_second']}/s, "
                f"CPU ms {row['cpu_ms']} {row['first_failure']}"
            )
        return found

    def _read(self) -> None:
        self._bare()
        self._ratios("list of 20", self._lists())
        with psycopg.connect(self._owner) as connection:
            ids = connection.execute(
                "SELECT id, slug FROM catalog_product WHERE state = 'published' "
                "AND slug LIKE '%-%' ORDER BY md5(slug) LIMIT 2000"
            ).fetchall()
        pages = [f"{scenarios.API}/storefront/products/{public_id('prd', r[0])}" for r in ids]
        self._ratios("product page (API)", pages)
        self._ratios("home page (HTML)", [f"{scenarios.PAGE}/"])
        self._ratios("product page (HTML)", self._html_pages([r[1] for r in ids]))

    def _search(self) -> None:
        if "bare" not in self.found:
            self._bare()
        took = searching.index(self.stack)
        say(f"  indexed {self.products} products in {took:.1f} s")
        self.found["search"] = {"index_s": round(took, 1)} | searching.check(self.stack.port)
        self._ratios("search with four facets (API)", searching.addresses(facets=True))
        self._ratios("search without facets (API)", searching.addresses(facets=False))
        self._ratios("suggestions (API)", searching.typed())
        page = [f"{scenarios.PAGE}/search/?q={word}" for word in ("tea", "river", "spring")]
        self._ratios("search page (HTML)", page)

    def _ratios(self, name: str, paths: list[str]) -> None:
        for clients, row in self._scenario(name, lambda: scenarios.read(paths)).items():
            row["against"] = "bare route"
            row["ratio"] = round(row["per_second"] / self.found["bare"][clients], 3)

    def _html_pages(self, slugs: list[str]) -> list[str]:
        return [f"{scenarios.PAGE}/products/{slug}/" for slug in slugs]

    def _lists(self) -> list[str]:
        """The first fifty pages of the list."""
        import asyncio

        async def collect() -> list[str]:
            connection, found = Connection("127.0.0.1", self.stack.port), []
            path = start = f"{scenarios.API}/storefront/products?limit=20"
            for _ in range(50):
                found.append(path)
                page = await scenarios.call(connection, "GET", path)
                if not page["has_more"]:
                    break
                path = f"{start}&cursor={page['next_cursor']}"
            return found

        return asyncio.run(collect())

    def _bare(self) -> None:
        """The yardstick on a server of its own, with the same workers, threads and database."""
        port = free_port()
        parts = psycopg.conninfo.conninfo_to_dict(self.stack.database_url("owner", "bench"))
        environment = dict(os.environ) | {
            "BARE_NAME": "bench",
            "BARE_USER": str(parts["user"]),
            "BARE_PASSWORD": str(parts["password"]),
            "BARE_HOST": str(parts["host"]),
        }
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "error"),
            *("--workers", str(self.workers), "--blocking-threads", str(self.threads)),
            "bench.bare.app:application",
        ]
        url = f"http://127.0.0.1:{port}"
        paths = [f"/api/row/{number}" for number in range(1, 10_001)]
        with serving(command, f"{url}/api/row/1", environment) as pid:
            rows = self._scenario("bare route", lambda: scenarios.read(paths), url=url, pid=pid)
        self._scenario("health check", lambda: scenarios.read(["/healthz"]))
        self.found["bare"] = {clients: row["per_second"] for clients, row in rows.items()}

    def _order(self) -> None:
        base = self.stack.database_url("owner", "bench")
        plain = {
            clients: pgbench.run(base, "order", clients=clients, seconds=self.seconds)
            for clients in self.clients
        }
        for clients, rate in plain.items():
            self.rows.append(
                {"name": "pgbench order", "clients": clients, "per_second": round(rate, 1)}
            )
        for name, method in (
            ("guest checkout, offline test payment", scenarios.OFFLINE),
            ("guest checkout, sandbox gateway and webhook", scenarios.CARD),
        ):
            before = checks.counts(self._owner)
            rows = self._scenario(
                name,
                lambda method=method: scenarios.checkout(self.variants, method=method),  # type: ignore[misc]
                warm=self.warm * WARM_ORDERS,
            )
            done = sum(row["done"] for row in rows.values())
            grown = checks.grown(before, checks.counts(self._owner), orders=done, writes=5)
            self.found.setdefault("left_by_checkouts", {})[name] = grown
            for clients, row in rows.items():
                row["against"] = "pgbench order"
                row["ratio"] = round(row["per_second"] / plain[clients], 3)

    def _write(self) -> None:
        keys, category = self.facts["keys"], self.facts["category"]
        self._scenario("single create", lambda: scenarios.create(keys, category))
        self._scenario(
            f"batch create of {self.batch}",
            lambda: scenarios.batch(keys, category, size=self.batch),
            units=self.batch,
        )

    def _ledger(self) -> None:
        clients = [str(number) for number in self.clients]
        self._calm()
        measured = self.stack.python(
            "bench.ledger", str(self.seconds), str(self.transfers), *clients
        )
        options = pgbench.session(self._owner, self.facts["platform_id"])
        for name, row in measured.items():
            size = self.transfers if "batch" in name else 1
            rate = pgbench.run(
                self._app,
                "ledger" if size > 1 else "ledger_single",
                clients=row["clients"],
                seconds=self.seconds,
                size=size,
                options=options,
            )
            plain = name.rpartition(" ×")[0]
            self.rows.append(
                {
                    "name": f"pgbench {plain}",
                    "clients": row["clients"],
                    "per_second": round(rate, 1),
                }
            )
            self.rows.append(
                row
                | {"name": plain, "against": "pgbench", "ratio": round(row["per_second"] / rate, 3)}
            )
            say(f"  {name}: {row['per_second']}/s, pgbench {rate:.0f}/s")

    def _race(self) -> None:
        sold: list[str] = []
        refused: list[str] = []
        one = scenarios.scarce(self.facts["scarce"], sold, refused)
        run_each(self.stack.url, one, clients=32, turns=BUYERS)
        with psycopg.connect(self._owner) as connection:
            row = connection.execute(
                "SELECT on_hand - reserved FROM inventory_stock s JOIN catalog_variant v "
                "ON v.id = s.variant_id WHERE v.sku = 'scarce-1'"
            ).fetchone()
        left = int(row[0]) if row else -1
        self.found["race"] = {
            "buyers": BUYERS,
            "stock": seed.SCARCE,
            "sold": len(sold),
            "left": left,
        }
        say(f"  {BUYERS} buyers, stock of {seed.SCARCE}: sold {len(sold)}, left {left}")
        if len(sold) != seed.SCARCE or left != 0:
            raise checks.NotFair(f"sold {len(sold)} of {seed.SCARCE}, {left} left; {refused[:3]}")

    def _memory(self) -> dict[str, float]:
        self._calm()
        assert self.stack.process is not None
        found = usage(self.stack.process.pid)
        return {kind: round(mib, 1) for kind, mib in sorted(found.pss.items())} | {
            "web and worker": round(found.pss.get("web", 0) + found.pss.get("worker", 0), 1)
        }


def _cpu(before: Usage, after: Usage, figures: Figures) -> dict[str, Any]:
    """Milliseconds of processor time for each round, by kind of process (warming up included)."""
    rounds = max(1, figures.all_rounds)
    spent = {k: (after.cpu[k] - before.cpu.get(k, 0.0)) * 1000 / rounds for k in after.cpu}
    return {"cpu_ms": {kind: round(ms, 2) for kind, ms in sorted(spent.items()) if ms >= 0.005}}
