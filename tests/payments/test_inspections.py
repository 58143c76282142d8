"""An outside inspector's result: it releases, opens a dispute, or is kept; once a report."""

from typing import Any
from uuid import uuid4

import pytest

from kernel import jobs
from kernel.errors import Invalid
from payments import facade
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.payments.test_escrow import held, opened, stands

pytestmark = pytest.mark.usefixtures("books")
SHA = "a" * 64


def report(escrow: facade.EscrowInfo, result: str = "passed", **fields: Any) -> Any:
    return facade.report_inspection(
        **{
            "escrow_id": escrow.id,
            "report": "CCIC-1",
            "result": result,
            "document_sha256": SHA,
            "note": "Moisture 13.6 %",
            **fields,
        }
    )


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what follows when goods aren't as agreed."""
    from platforms import facade as platforms

    known = platforms.setting

    def choose(value: str) -> None:
        monkeypatch.setattr(
            platforms, "setting", lambda *a: value if a[1] == "inspection_failed" else known(*a)
        )

    return choose


def test_passed_releases_what_waits_for_it_and_only_once() -> None:
    escrow = held(accept="inspection")
    first = report(escrow)
    assert (first.result, first.effect, first.dispute_id) == ("passed", "released", None)
    assert report(escrow, document_sha256="A" * 64) == first, "the same report again"
    assert facade.escrow(escrow_id=escrow.id).state == "released"
    assert stands(escrow.merchant_id) == (0, 10_000, 0, 0)
    for other in ({"result": "failed"}, {"document_sha256": "b" * 64}, {"note": "else"}):
        with pytest.raises(facade.InspectionGiven):
            report(escrow, **other)
    with pytest.raises(facade.EscrowNotHeld):
        report(escrow, report="CCIC-2")
    assert facade.inspections_of(escrow_id=escrow.id) == [first]


def test_passed_is_only_kept_where_the_buyer_accepts() -> None:
    escrow = held()
    assert report(escrow).effect == "noted"
    assert facade.escrow(escrow_id=escrow.id).state == "held"


def test_failed_opens_a_dispute_with_the_report_as_evidence() -> None:
    escrow = held(accept="inspection")
    found = report(escrow, "failed")
    assert found.effect == "disputed"
    dispute = facade.dispute(dispute_id=found.dispute_id)
    assert (dispute.state, dispute.reason) == ("needs_response", "not_as_described")
    [piece] = dispute.evidence
    assert (piece.side, SHA in piece.text) == ("operator", True)
    assert facade.escrow(escrow_id=escrow.id).state == "frozen"
    second = report(escrow, "passed", report="CCIC-2")
    assert (second.effect, second.dispute_id) == ("noted", dispute.id)
    assert facade.escrow(escrow_id=escrow.id).state == "frozen", "evidence, no more"
    assert len(facade.dispute(dispute_id=dispute.id).evidence) == 2


@pytest.mark.parametrize(("chosen", "effect", "state"), [
    ("refund", "refunded", "returned"), ("hold", "noted", "held"),
])  # fmt: skip
def test_failed_follows_the_platforms_rule(rule: Any, chosen: str, effect: str, state: str) -> None:
    escrow = held(accept="inspection")
    rule(chosen)
    assert report(escrow, "failed").effect == effect
    jobs.drain()
    assert facade.escrow(escrow_id=escrow.id).state == state


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"report": " "}, "report"),
        ({"report": "a" * 101}, "report"),
        ({"result": "maybe"}, "result"),
        ({"document_sha256": "a" * 63}, "document_sha256"),
        ({"document_sha256": "g" * 64}, "document_sha256"),
        ({"note": "a" * 1001}, "note"),
    ],
)
def test_bad_results_are_told_why(fields: dict[str, str], field: str) -> None:
    escrow = held(accept="inspection")
    with pytest.raises(Invalid) as caught:
        report(escrow, **fields)
    assert caught.value.problems[0].field == field
    assert facade.escrow(escrow_id=escrow.id).state == "held"


def test_a_key_of_one_scope_reports_and_can_do_nothing_else() -> None:
    merchant = make_merchant()
    escrow = held(merchant=merchant.id, accept="inspection")
    inspector = api_client(make_key(kind="operator", scopes=("inspections:write",)))
    where = f"/escrows/{escrow.public_id}/inspection-results"
    body = {"report": "CCIC-1", "result": "passed", "document_sha256": SHA}
    shop = api_client(make_key(merchant_id=merchant.id))
    assert shop.post(where, body).status_code == 403, "no merchant inspects its own goods"
    narrow = api_client(make_key(kind="operator", scopes=("payments:write",)))
    assert narrow.post(where, body).status_code == 403
    made = inspector.post(where, body)
    assert (made.status_code, made.json()["effect"]) == (201, "released")
    assert inspector.post(where, body).json()["id"] == made.json()["id"]
    for path in (where, f"/escrows/{escrow.public_id}", "/escrows", "/payments/intents"):
        assert inspector.get(path).status_code == 403
    accepting = inspector.post(f"/escrows/{escrow.public_id}/accept", {})
    assert accepting.status_code == 403
    assert shop.get(where).json()["data"] == [made.json()]
    assert api_client(make_key()).get(where).status_code == 404
    missing = inspector.post(f"/escrows/esc_{uuid4().hex[:26]}/inspection-results", body)
    assert missing.status_code == 404
    unpaid = opened(accept="inspection")
    refused = inspector.post(f"/escrows/{unpaid.public_id}/inspection-results", body)
    assert refused.json()["code"] == "payments.escrow_not_held"
