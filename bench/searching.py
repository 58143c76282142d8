"""Search through HTTP: which addresses are asked for, and that they really search."""

import asyncio
import subprocess
import sys
import time
from itertools import product
from typing import Any
from urllib.parse import quote

from bench import scenarios
from bench.checks import NotFair
from bench.load import Connection
from bench.stack import ROOT, Stack

FACETS = "category,prices,merchant,attributes.size"
WORDS = (
    "江茶",
    "春茶",
    "river tea",
    "tea",
    "River teas",
    "江茶 bench",
    "spring",
    "茶 {}",
    "tea {}",
)
FILTERS = ("", "&filter=prices:10..30", "&filter=attributes.size:1%20%E4%B8%A4", "&sort=price")


def index(stack: Stack) -> float:
    """Build the index of what was copied into the database; how many seconds it took."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "search", "rebuild"],
        cwd=ROOT,
        env=stack.environment(),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=600,
    )
    return time.monotonic() - began


def addresses(*, facets: bool) -> list[str]:
    """Different searches, so that nothing is answered from memory: words × filters × pages."""
    counted = f"&facets={FACETS}" if facets else "&facets="
    found = []
    for number in range(25):
        for words, chosen in product(WORDS, FILTERS):
            text = quote(words.format(number * 7 + 1))
            page = f"&page={number % 3 + 1}"
            found.append(f"{scenarios.API}/search?q={text}{chosen}{page}{counted}")
    return found


def typed() -> list[str]:
    """What stands in the box while somebody types."""
    texts = ("江", "江茶", "茶", "r", "ri", "riv", "river", "river t", "te", "tea", "jiang", "jc")
    return [f"{scenarios.API}/suggest?q={quote(text)}" for text in texts]


def check(port: int) -> dict[str, Any]:
    """One search as a user sees it. Raises NotFair when it isn't a search with four facets."""

    async def ask() -> Any:
        connection = Connection("127.0.0.1", port)
        path = f"{scenarios.API}/search?q={quote('江茶')}&facets={FACETS}"
        return await scenarios.call(connection, "GET", path)

    found = asyncio.run(ask())
    facets = {one["ref"]: len(one["values"]) for one in found["facets"]}
    if found["degraded"] or not found["data"] or found["data"][0]["lowest_price"] is None:
        raise NotFair("search answers without its engine")
    return {"total": found["total"], "facets": facets}
