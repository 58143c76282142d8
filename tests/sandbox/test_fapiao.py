"""The issuer of e-fapiao: numbered once a key, amounts added up, red ones within their original."""

from typing import Any

import pytest
import requests

from sandbox.magic import fapiao as magic

SIDE = {"name": "长春市宏远饲料有限公司", "tax_number": "91220101MA17CC0E5R"}
LINE = {
    "name": "*谷物*玉米", "category": "1010101030000000000", "rate": "9", "treatment": "taxed",
    "net": 917, "tax": 83, "gross": 1000,
}  # fmt: skip
DOCUMENT = {
    "document": "siv_1", "kind": "blue", "type": "ordinary", "seller": SIDE, "buyer": SIDE,
    "lines": [LINE], "net": 917, "tax": 83, "gross": 1000,
}  # fmt: skip


class Issuer:
    def __init__(self, address: str, key: str) -> None:
        self.address = f"{address}/fapiao/v1/invoices"
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, key: str, path: str = "", **changes: Any) -> requests.Response:
        body = {**DOCUMENT, **changes, "key": key} if not path else None
        return requests.post(f"{self.address}{path}", json=body, headers=self.headers, timeout=60)

    def get(self, path: str) -> Any:
        return requests.get(f"{self.address}{path}", headers=self.headers, timeout=60).json()


@pytest.fixture
def issuer(sandbox: str, key: str) -> Issuer:
    return Issuer(sandbox, key)


def back(gross: int, original: str) -> dict[str, Any]:
    sums = {"net": -gross, "tax": 0, "gross": -gross}
    return {
        "kind": "red", "original": original, "lines": [{**LINE, **sums, "rate": "0"}], **sums,
    }  # fmt: skip


def test_one_number_a_key(issuer: Issuer) -> None:
    first = issuer.post("a")
    assert (first.status_code, first.json()["status"]) == (201, "issued")
    assert len(first.json()["number"]) == 20
    assert issuer.post("a").json() == first.json()
    assert issuer.post("a", document="siv_2").json()["error"]["code"] == "key_reused"
    assert issuer.post("b").json()["number"] != first.json()["number"]
    assert issuer.get("?key=a")["data"] == [first.json()]
    assert issuer.get(f"/{first.json()['id']}") == first.json()
    assert issuer.get("?key=c")["data"] == []


def test_red_ones_take_back_what_there_is(issuer: Issuer) -> None:
    number = issuer.post("a").json()["number"]
    assert issuer.post("r0", **back(1, "1" * 20)).json()["code"] == "original_unknown"
    assert issuer.post("r1", **back(700, number)).json()["status"] == "issued"
    over = issuer.post("r2", **back(301, number)).json()
    assert (over["status"], over["code"]) == ("refused", "original_exceeded")
    assert issuer.post("r3", **back(300, number)).json()["status"] == "issued"


@pytest.mark.parametrize(
    "changes", [{"gross": 1001}, {"net": 918, "gross": 1001}, {"kind": "red", "gross": -1000}]
)
def test_amounts_are_added_up_again(issuer: Issuer, changes: dict[str, Any]) -> None:
    assert issuer.post("a", **changes).json()["code"] == "amounts_differ"


def test_magic_titles(issuer: Issuer) -> None:
    def named(title: str, key: str) -> requests.Response:
        return issuer.post(key, document=f"siv_{title}", buyer={**SIDE, "name": title})

    assert set(magic.TITLES) == {row["title"] for row in magic.published()["titles"]}  # type: ignore[attr-defined]
    assert named("SANDBOX REFUSED", "1").json()["code"] == "buyer_unknown"
    assert named("sandbox blocked", "2").json()["code"] == "seller_blocked"
    assert named("SANDBOX QUOTA", "3").json()["code"] == "quota_exceeded"
    assert named("SANDBOX QUOTA", "4").json()["status"] == "issued"
    assert named("SANDBOX DOWN", "5").status_code == 503
    later = named("SANDBOX LATER", "6").json()
    assert (later["status"], later["number"]) == ("pending", None)
    done = issuer.post("", f"/{later['id']}/advance").json()
    assert (done["status"], len(done["number"])) == ("issued", 20)


def test_bad_documents_name_the_field(issuer: Issuer) -> None:
    bad = issuer.post("a", lines=[{**LINE, "category": "1"}])
    assert (bad.status_code, bad.json()["error"]["field"]) == (422, "lines.0.category")
