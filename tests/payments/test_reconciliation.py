"""Three files compared: a clean month, every fault by name, strict reading."""

import io
import json
import os
import random
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.recon import faults
from bench.recon.world import Month, World
from payments.domain.reconciliation import (
    Rules,
    Side,
    StatementError,
    parse,
    reconcile,
    write_csv,
)

SMALL = 150
NAMES = ("gateway", "ledger", "bank")
SEEDS = [int(os.environ["RECON_SEED"])] if os.environ.get("RECON_SEED") else range(100, 112)


def compare(month: Month) -> list[dict[str, Any]]:
    sides = [parse(getattr(month, side.value), side) for side in Side]
    return [finding.as_dict() for finding in reconcile(*sides).findings]


@pytest.fixture(scope="module")
def month() -> Month:
    return World(seed=1, orders=SMALL).month()


@pytest.mark.parametrize("seed", range(10))
def test_a_clean_month_has_no_exception(seed: int) -> None:
    clean = World(seed=seed, orders=SMALL).month()
    sides = [parse(getattr(clean, side.value), side) for side in Side]
    outcome = reconcile(*sides)
    assert outcome.findings == ()
    assert outcome.matched > SMALL


@pytest.mark.parametrize("seed", SEEDS)
def test_every_drawn_fault_is_named_and_nothing_else(seed: int) -> None:
    changed, planted = faults.plant(World(seed=seed, orders=SMALL).month(), seed)
    assert planted
    assert faults.misses(planted, compare(changed)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), kind=st.sampled_from(faults.KINDS), name=st.sampled_from(NAMES))
def test_one_fault_of_any_kind_anywhere_is_one_exception(
    month: Month, seed: int, kind: str, name: str
) -> None:
    files, draw = faults.Files(month), random.Random(seed)
    planted = faults._one(files, name, kind, draw)
    if planted is None:
        return
    report = compare(files.month())
    assert [one["kind"] for one in report] == [kind]
    assert faults.misses([planted], report) == []
    # Who deviates is told rightly wherever it is told at all.
    assert report[0]["where"] in (name, None)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_the_order_of_rows_is_of_no_matter(month: Month, seed: int) -> None:
    changed, planted = faults.plant(month, seed)
    draw = random.Random(seed)
    mixed = {}
    for name in NAMES:
        lines = getattr(changed, name).split(b"\n")
        body = lines[2:-1]
        if name != "bank":  # its running balance has an order
            draw.shuffle(body)
        mixed[name] = b"\n".join([*lines[:2], *body, b""])
    assert faults.misses(planted, compare(Month(**mixed))) == []


@pytest.mark.parametrize("prefix", ["pot", "ref", "lch", "bcr"])
def test_what_the_bank_paid_in_one_line_is_named_whatever_it_was(prefix: str) -> None:
    head = ("acct", date(2026, 10, 1), date(2026, 10, 31), ZoneInfo("Asia/Shanghai"))
    names = [f"{prefix}_01m4g8hmg0ek6r4spm2xm3x5q{end}" for end in "ab"]
    at = "2026-10-05T12:00:00+08:00"
    books = [
        [f"btx_{n}", "bank", "payout", name, "", -500 - n, 0, "CNY", "", at]
        for n, name in enumerate(names)
    ]
    paid = [["b1", "payout", -1001, "CNY", -1001, "", names[0], "2026-10-05"]]
    sides = [
        parse(write_csv(side, head, rows), side)
        for side, rows in ((Side.GATEWAY, []), (Side.LEDGER, books), (Side.BANK, paid))
    ]
    [found] = [one.as_dict() for one in reconcile(*sides).findings]
    assert (found["kind"], found["where"]) == ("merged_payout", "bank")
    assert set(names) <= faults._ids(found) | set(found["sources"])


def test_a_settlement_still_on_its_way_waits(month: Month) -> None:
    sides = [parse(getattr(month, side.value), side) for side in Side]
    waiting = reconcile(*sides).waiting
    assert waiting
    assert all(key.startswith("settlement:") for key in waiting)


def test_a_month_without_the_banks_file_names_nothing_at_the_bank(month: Month) -> None:
    outcome = reconcile(*(parse(getattr(month, n), Side(n)) for n in ("gateway", "ledger")))
    assert outcome.findings == ()
    assert len(outcome.waiting) > 15


def test_late_bookings_are_allowed_by_rule(month: Month) -> None:
    files, draw = faults.Files(month), random.Random(3)
    cells = files.lines["ledger"][draw.randrange(2, 100)]
    while files.get("ledger", cells, "kind") != "charge":
        cells = files.lines["ledger"][draw.randrange(2, 100)]
    faults._shift(files, "ledger", cells, 2)
    sides = [parse(getattr(files.month(), side.value), side) for side in Side]
    assert [one.fault for one in reconcile(*sides).findings] == ["day"]
    assert reconcile(*sides, rules=Rules(ledger_late=3)).findings == ()


@pytest.mark.parametrize(
    ("name", "column", "value", "problem"),
    [
        ("gateway", "amount", "12.50", "whole number"),
        ("gateway", "amount", "+5", "whole number"),
        ("gateway", "net", "", "whole number"),
        ("gateway", "kind", "chargge", "none of"),
        ("gateway", "currency", "cny", "currency"),
        ("gateway", "created", "2026-10-01 08:00", "time"),
        ("gateway", "arrival", "2026-02-30", "day"),
        ("ledger", "account", "cash", "none of"),
        ("ledger", "id", "", "needed"),
        ("bank", "date", "01.10.2026", "day"),
        ("bank", "amount", "1e3", "whole number"),
    ],
)
def test_a_wrong_cell_is_refused_with_row_and_field(
    month: Month, name: str, column: str, value: str, problem: str
) -> None:
    files = faults.Files(month)
    files.put(name, files.lines[name][4], column, value)
    with pytest.raises(StatementError, match=problem) as caught:
        parse(getattr(files.month(), name), Side(name))
    assert (caught.value.row, caught.value.field) == (5, column)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "head"),
        (b"\xff\xfe", "file"),
        (b"a,b\n1,2\n", "head"),
        (b"#quancheng-statement,2,bank,a,2026-10-01,2026-10-31,Asia/Shanghai\n", "version"),
        (b"#quancheng-statement,1,ledger,a,2026-10-01,2026-10-31,Asia/Shanghai\n", "kind"),
        (b"#quancheng-statement,1,bank,a,2026-10-31,2026-10-01,Asia/Shanghai\n", "to"),
        (b"#quancheng-statement,1,bank,a,2026-10-01,2026-10-31,Mars\n", "zone"),
        (b"#quancheng-statement,1,bank,a,2026-10-01,2026-10-31,Asia/Shanghai\nid\n", "columns"),
        (b'{"object":"statement","rows":[],"surprise":1}', "object"),
        (b"{", "file"),
        (b"[]", "head"),
        (b'#quancheng-statement,1,bank,a,2026-10-01,2026-10-31,UTC\n"', "file"),
    ],
)
def test_a_file_that_is_no_statement_is_refused(data: bytes, field: str) -> None:
    with pytest.raises(StatementError) as caught:
        parse(data, Side.BANK)
    assert caught.value.field == field


def test_the_command_compares_three_files(month: Month, tmp_path: Path) -> None:
    changed, planted = faults.plant(month, 5)
    for name in NAMES:
        (tmp_path / name).write_bytes(getattr(changed, name))
    out = io.StringIO()
    paths = {name: tmp_path / name for name in NAMES}
    with suppress(SystemExit):
        call_command("reconcile_files", json=True, stdout=out, **paths)
    report = json.loads(out.getvalue())
    assert report["clean"] is False
    assert report["counts"]["bank"] > 20
    assert faults.misses(planted, report["exceptions"]) == []
    (tmp_path / "bank").write_bytes(b"nothing")
    with pytest.raises(CommandError, match="row 1, head"):
        call_command("reconcile_files", **paths)
