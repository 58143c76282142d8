"""Becoming a merchant over the API, the applicant's and the operator's side."""

from typing import Any
from uuid import uuid4

import pytest

from kernel.audit import entries_for
from kernel.ids import parse_public_id, public_id
from tests.factories.catalog import make_category
from tests.factories.identity import credit_code, paper
from tests.factories.onboarding import applicant, take_applications
from tests.factories.platforms import api_client, make_key

pytestmark = pytest.mark.django_db(transaction=True)
OWN = "/merchant-application"


def upload(client: Any, kind: str, data: bytes, **query: str) -> Any:
    return client.client.post(
        f"/p/{client.code}/api/v1{OWN}/documents",
        data,
        content_type="application/octet-stream",
        headers={"Authorization": f"Bearer {client.raw_key}"},
        query_params={"kind": kind, **query},
    )


def test_both_sides(platform: Any) -> None:
    tea = make_category(slug="tea")
    body = {
        "names": {"zh-Hans": "江茶", "en": "River Tea"}, "company": "长春江茶贸易有限公司",
        "credit_code": credit_code().lower(), "representative": "王芳", "contact_name": "李秀英",
        "contact_phone": "13844445678", "contact_email": "tea@applicants.example",
        "categories": [public_id("cat", tea.id)],
    }  # fmt: skip
    client = api_client(make_key(kind="buyer", person_id=applicant().id))
    staff = api_client(make_key(kind="operator"))
    assert client.get(f"{OWN}/terms").json()["open"] is False
    shut = client.put(OWN, body)
    assert (shut.status_code, shut.json()["code"]) == (403, "journeys.onboarding_shut")
    take_applications(categories=[{"category": "tea", "documents": ["food_licence"]}])
    terms = api_client().get(f"{OWN}/terms").json()
    assert terms["categories"] == [
        {"category": public_id("cat", tea.id), "documents": ["food_licence"]}
    ]
    assert client.get(OWN).status_code == 404
    wrong = client.put(OWN, {**body, "credit_code": "91220101MA00000014"}).json()
    assert [one["field"] for one in wrong["errors"]] == ["credit_code"]
    made = client.put(OWN, body).json()
    assert (made["state"], made["credit_code"]) == ("draft", credit_code())
    assert {one["kind"] for one in made["missing"]} == {"business_licence", "food_licence"}
    incomplete = client.post(f"{OWN}/submit").json()
    assert incomplete["code"] == "journeys.application_incomplete"
    assert upload(client, "business_licence", b"not a paper").status_code == 422
    first = upload(client, "business_licence", paper("a"), name="a/licence.png").json()
    assert first["name"] == "licence.png"
    assert client.get(f"{OWN}/documents/{first['id']}").content == paper("a")
    second = upload(client, "food_licence", paper("b")).json()
    assert client.delete(f"{OWN}/documents/{second['id']}").status_code == 204
    upload(client, "food_licence", paper("c"))
    key = uuid4().hex
    done = [client.post(f"{OWN}/submit", idempotency_key=key) for _n in range(2)]
    assert [one.json()["state"] for one in done] == ["in_review", "in_review"]
    where = f"/merchant-applications/{made['id']}"
    [row] = staff.get("/merchant-applications", query={"q": credit_code()}).json()["data"]
    assert (row["id"], row["names"]["en"]) == (made["id"], "River Tea")
    assert staff.get("/merchant-applications", query={"older_than": 3}).json()["data"] == []
    assert api_client(make_key()).get(where).status_code == 403
    assert client.get(where).status_code == 403
    looked = staff.get(f"{where}/documents/{first['id']}")
    assert (looked.content, looked["Content-Type"]) == (paper("a"), "image/png")
    trail = entries_for([parse_public_id("map", made["id"])], limit=50).items
    assert "journeys.application.paper_opened" in [one.action for one in trail]
    bad = staff.post(f"{where}/ask", {"asked": {"passport": "x"}}).json()
    assert bad["errors"][0]["field"] == "asked.passport"
    asked = staff.post(f"{where}/ask", {"asked": {"food_licence": "Both sides."}}).json()
    assert (asked["state"], asked["asked"]) == ("needs_more", {"food_licence": "Both sides."})
    early = client.post(f"{OWN}/answer", {"text": ""}).json()
    assert early["code"] == "journeys.not_answered"
    assert client.post(f"{OWN}/answer", {"text": "It has one."}).json()["state"] == "in_review"
    approved = staff.post(f"{where}/approve", {"note": "Welcome."}).json()
    assert (approved["state"], approved["reason"]) == ("approved", "Welcome.")
    assert [one["what"] for one in client.get(OWN).json()["timeline"]] == [
        "begun", "submitted", "in_review", "asked", "answered", "approved",
    ]  # fmt: skip
    refused = staff.post(f"{where}/refuse", {"reason": "Too late."})
    assert refused.status_code == 409
    [journey] = staff.get("/journeys", query={"kind": "onboarding"}).json()["data"]
    assert journey["subject"] == made["id"]
    found = staff.get(f"/merchants/{approved['merchant']}").json()
    assert found["state"] == "approved"


def test_refused_then_renewed_and_withdrawn(platform: Any) -> None:
    from tests.factories.onboarding import handed_in

    take_applications()
    person = applicant()
    made = handed_in(person.id)
    client = api_client(make_key(kind="buyer", person_id=person.id))
    staff = api_client(make_key(kind="operator"))
    refused = staff.post(f"/merchant-applications/{made.public_id}/refuse", {"reason": "No."})
    assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "No.")
    assert client.post(f"{OWN}/renew").json()["state"] == "draft"
    assert client.post(f"{OWN}/withdraw").json()["state"] == "withdrawn"
    assert client.post(f"{OWN}/withdraw").json()["state"] == "withdrawn"
    closed = staff.get("/merchants", query={"state": "closed"}).json()["data"]
    assert len(closed) == 1
