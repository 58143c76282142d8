"""Sign a list of contracts as a merchant would: ``.venv/bin/python -m bench.bulk_signing``.

Needs a running ``make demo`` (``--demo`` names its demo.json): consents with the owner's app, sends
the list in one request, follows the job, downloads the last contract. Says how long it took.
"""

import argparse
import csv
import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
import requests

from kernel.ids import parse_public_id

ROW = {
    "grade": "2", "crop_year": "2026", "origin": "吉林省公主岭市", "quantity": "200 TNE",
    "tolerance": "1", "unit_price": "2310.00", "total": "462000.00", "moisture": "14.0",
    "bulk_density": "690", "impurity": "1.0", "imperfect": "8.0", "mould": "2.0",
    "warehouse": "公主岭一号粮库", "delivery_from": "2026-12-05", "delivery_to": "2026-12-30",
    "delivery_mode": "receipt", "inspector": "吉林省粮油检验站", "payment_days": "5",
    "deposit": "46200.00", "breach_rate": "0.5", "breach_share": "10", "dispute": "changchun",
}  # fmt: skip


class Caller:
    """One key of the demo's corn market."""

    def __init__(self, base: str, key: str) -> None:
        self.base, self.session = base, requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {key}"

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(
            method, self.base + path, json=body, timeout=120,
            headers={"Idempotency-Key": uuid4().hex},
        )  # fmt: skip
        if not answer.ok:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        kind = answer.headers.get("Content-Type", "")
        return answer.json() if "json" in kind else answer.content


def the_list(rows: int) -> str:
    """A contract a row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["number", "seller.name", "buyer.name", *ROW])
    for number in range(1, rows + 1):
        writer.writerow(
            [f"PL-{number:05}", "公主岭玉米合作社", f"第{number}号饲料厂", *ROW.values()]
        )
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.bulk_signing", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--demo", type=Path, default=Path(".data/demo.json"))
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
    chosen = parser.parse_args()
    demo = json.loads(chosen.demo.read_text())
    corn, secret = demo["platforms"]["corn"], demo["contract"]["apps"]["corn@example.com"]
    call = Caller(corn["api"].rstrip("/"), corn["keys"]["owner"])
    templates = call("GET", "/contract-templates?state=published&limit=100")["data"]
    template = next(one["id"] for one in templates if one["code"] == "corn_sale")
    held = call("GET", "/certificates?state=valid&algorithm=p256")["data"][0]["id"]
    ids: list[UUID] = [parse_public_id("ctt", template), parse_public_id("cer", held)]
    digest = hashlib.sha256(f"{ids[0]}|seller|{ids[1]}".encode()).hexdigest()
    confirmed = call("POST", "/second-factor/confirmations", {
        "code": pyotp.TOTP(secret).now(), "digest": digest,
        "purpose": "certification.automatic_signing",
    })  # fmt: skip
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 30 * 86_400))
    consent = call("POST", "/automatic-consents", {
        "template": template, "party": "seller", "certificate": held,
        "confirmation": confirmed["id"], "valid_until": until,
    })  # fmt: skip
    began = time.perf_counter()
    bulk = call("POST", "/bulk-signings", {"consent": consent["id"], "csv": the_list(chosen.rows)})
    print(f"{bulk['id']}: {bulk['total']} contracts taken in {time.perf_counter() - began:.1f} s")
    while bulk["state"] == "queued":
        time.sleep(chosen.every)
        bulk = call("GET", f"/bulk-signings/{bulk['id']}")
        taken = time.perf_counter() - began
        rate = bulk["signed"] / taken
        print(f"{taken:8.0f} s  {bulk['signed']:6} signed  {bulk['failed']} failed  {rate:.1f}/s")
    last = call("GET", f"/bulk-signings/{bulk['id']}/contracts/{chosen.rows}")
    print(f"{bulk['state']}; the last contract has {len(last)} bytes, begins {last[:8]!r}")


if __name__ == "__main__":
    main()
