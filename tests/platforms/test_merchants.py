"""Merchants: application, review, approval, suspension; what is personal stays sealed."""

from typing import Any

import pytest

from kernel import tenancy
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from platforms import facade
from platforms.facade import BankAccount
from platforms.models import Merchant
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform, unique

ACCOUNT = BankAccount(
    bank="Bank of Hangzhou", holder="江茶有限公司", number="6222 0212 3456 4321", last4=""
)
MOVES: dict[str, Any] = {
    "review": lambda m: facade.start_review(merchant_id=m),
    "return": lambda m: facade.return_application(merchant_id=m, reason="unreadable"),
    "approve": lambda m: facade.approve_merchant(merchant_id=m),
    "suspend": lambda m: facade.suspend_merchant(merchant_id=m, reason="counterfeit"),
    "reopen": lambda m: facade.reopen_merchant(merchant_id=m),
}
ROUTES: dict[str, list[str]] = {
    "applied": [],
    "in_review": ["review"],
    "approved": ["approve"],
    "suspended": ["approve", "suspend"],
}
ALLOWED = {
    "applied": {"review": "in_review", "approve": "approved"},
    "in_review": {"return": "applied", "approve": "approved"},
    "approved": {"suspend": "suspended"},
    "suspended": {"reopen": "approved"},
}


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


@pytest.mark.parametrize("state", ROUTES)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_from_every_state(platform: Tenant, state: str, move: str) -> None:
    merchant = make_merchant(approved=False)
    for step in ROUTES[state]:
        MOVES[step](merchant.id)
    assert facade.merchant_by_slug(merchant.slug).state == state
    if move in ALLOWED[state]:
        assert MOVES[move](merchant.id).state == ALLOWED[state][move]
    else:
        before = facade.merchant_by_slug(merchant.slug)
        with pytest.raises(InvalidTransition):
            MOVES[move](merchant.id)
        assert facade.merchant_by_slug(merchant.slug) == before


def test_events_and_audit_of_a_life(platform: Tenant) -> None:
    merchant = make_merchant()
    facade.suspend_merchant(merchant_id=merchant.id, reason="counterfeit")
    facade.reopen_merchant(merchant_id=merchant.id)
    assert events() == [
        "platforms.platform.opened.v1",
        "platforms.merchant.created.v1",
        "platforms.merchant.approved.v1",
        "platforms.merchant.suspended.v1",
        "platforms.merchant.approved.v1",
    ]
    trail = AuditRecord.objects.filter(target_id=merchant.id).order_by("id")
    assert [(row.action, row.before.get("state"), row.after.get("state")) for row in trail] == [
        ("platforms.merchant.created", None, None),
        ("platforms.merchant.approved", "applied", "approved"),
        ("platforms.merchant.suspended", "approved", "suspended"),
        ("platforms.merchant.reopened", "suspended", "approved"),
    ]


def test_suspension_needs_a_reason(platform: Tenant) -> None:
    merchant = make_merchant()
    with pytest.raises(Invalid):
        facade.suspend_merchant(merchant_id=merchant.id, reason="  ")


def test_personal_fields_are_sealed_everywhere(platform: Tenant) -> None:
    email = f"{unique('owner')}@merchants.example"
    merchant = facade.create_merchant(names={"en": "Tea"}, contact_email=f" {email.upper()} ")
    facade.update_merchant(merchant_id=merchant.id, payout_account=ACCOUNT)
    row = Merchant.objects.values().get(id=merchant.id)
    trail = list(AuditRecord.objects.filter(target_id=merchant.id).values("before", "after"))
    sent = list(OutboxEvent.objects.values("payload"))
    text = f"{row} {trail} {sent}"
    for secret in (email, email.upper(), "6222021234564321", "6222 0212", "江茶有限公司"):
        assert secret not in text
    assert facade.merchant_contact(merchant.id) == email
    account = facade.payout_account(merchant.id)
    assert account is not None
    assert (account.number, account.last4) == ("6222021234564321", "4321")
    assert "6222" not in repr(account)


def test_slug_from_the_name(platform: Tenant) -> None:
    first = facade.create_merchant(names={"en": "Café Ñandú & Co"}, contact_email="a@b.example")
    assert first.slug.startswith("cafe-nandu-co-")
    second = facade.create_merchant(names={"zh-Hans": "江茶"}, contact_email="a@b.example")
    assert second.slug.startswith("m-")
    with pytest.raises(facade.SlugTaken):
        make_merchant(slug=first.slug)
    with pytest.raises(Invalid):
        make_merchant(slug="Not A Slug")


def test_external_id_is_taken_once_a_platform(platform: Tenant) -> None:
    make_merchant(external_id="A-1")
    with pytest.raises(facade.ExternalIdTaken):
        make_merchant(external_id="A-1")
    make_merchant()
    make_merchant()  # without one, as many as there are
    with tenancy.scope(make_platform()):
        make_merchant(external_id="A-1")


@pytest.mark.parametrize(
    "number", ["1234567", "12345678901234567890123456789012345", "62220212ab", "', drop"]
)
def test_account_numbers_are_checked(platform: Tenant, number: str) -> None:
    merchant = make_merchant()
    wrong = BankAccount(bank="Bank", holder="Tea", number=number, last4="")
    with pytest.raises(Invalid):
        facade.update_merchant(merchant_id=merchant.id, payout_account=wrong)
    assert facade.payout_account(merchant.id) is None


@pytest.mark.django_db
def test_another_platforms_merchant_is_absent() -> None:
    here, there = make_platform(), make_platform()
    with tenancy.scope(there):
        foreign = make_merchant(external_id="A-1")
        before = Merchant.objects.values().get(id=foreign.id)
    with tenancy.scope(here):
        assert facade.merchants([foreign.id]) == {}
        for attempt in (
            *MOVES.values(),
            lambda m: facade.update_merchant(merchant_id=m, names={"en": "Stolen"}),
            facade.merchant_contact,
            facade.payout_account,
            lambda m: facade.merchant_by_slug(foreign.slug),
            lambda m: facade.merchant_by_external_id("A-1"),
            lambda m: facade.invite(
                email="a@b.example", role=facade.Role.MERCHANT_OWNER, merchant_id=m
            ),
            lambda m: facade.issue_api_key(kind="merchant", name="x", merchant_id=m),
        ):
            with pytest.raises(NotFound):
                attempt(foreign.id)
    with tenancy.scope(there):
        assert Merchant.objects.values().get(id=foreign.id) == before


class TestApi:
    def test_application_to_approval(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        made = api.post(
            "/merchants",
            {"names": {"en": "Tea"}, "contact_email": "tea@m.example", "external_id": "T"},
        )
        assert made.status_code == 201, made.content
        body = made.json()
        assert (body["state"], body["contact_email"]) == ("applied", "tea@m.example")
        path = f"/merchants/{body['id']}"
        assert api.post(f"{path}/review").json()["state"] == "in_review"
        assert api.post(f"{path}/approve").json()["state"] == "approved"
        again = api.post(f"{path}/approve")
        assert again.status_code == 409
        assert again.json()["allowed"] == ["suspended"]
        stopped = api.post(f"{path}/suspend", {"reason": "counterfeit"})
        assert stopped.json()["state"] == "suspended"
        assert api.post(f"{path}/approve").status_code == 409
        assert api.post(f"{path}/reopen").json()["state"] == "approved"

    def test_etag(self, platform: Tenant) -> None:
        from kernel.ids import public_id

        merchant = make_merchant()
        api = api_client(make_key(kind="operator"))
        path = f"/merchants/{public_id('mer', merchant.id)}"
        tag = api.get(path)["ETag"]
        changed = api.patch(path, {"metadata": {"a": "1"}}, headers={"If-Match": tag})
        assert changed.status_code == 200
        assert changed["ETag"] != tag
        late = api.patch(path, {"metadata": {"a": "2"}}, headers={"If-Match": tag})
        assert late.status_code == 412
        assert api.get(path).json()["metadata"] == {"a": "1"}

    def test_upsert(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        body = {"names": {"en": "Tea"}, "contact_email": "tea@m.example"}
        first = api.put("/merchants/by-external-id/T-1", body)
        assert first.status_code == 200, first.content
        second = api.put("/merchants/by-external-id/T-1", {**body, "names": {"en": "Tea House"}})
        assert second.json()["id"] == first.json()["id"]
        assert second.json()["names"] == {"en": "Tea House"}

    def test_lists(self, platform: Tenant) -> None:
        made = [make_merchant().public_id for _each in range(3)]
        make_merchant(approved=False)
        api = api_client(make_key(kind="operator"))
        page = api.get("/merchants", query={"limit": 2, "state": "approved"}).json()
        rest = api.get(
            "/merchants", query={"limit": 2, "state": "approved", "cursor": page["next_cursor"]}
        ).json()
        assert [row["id"] for row in page["data"] + rest["data"]] == made[::-1]
        assert (page["has_more"], rest["has_more"]) == (True, False)
        since = api.get("/merchants", query={"updated_since": "2020-01-01T00:00:00Z"}).json()
        assert [row["id"] for row in since["data"]][:3] == made

    def test_a_merchant_sees_and_changes_itself(self, platform: Tenant) -> None:
        issued = make_key()
        api = api_client(issued)
        assert api.get("/merchants").status_code == 403
        answer = api.patch(
            "/merchant",
            {"payout_account": {"bank": "Bank", "holder": "江茶", "number": "6222021234564321"}},
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["payout_account"] == {"bank": "Bank", "holder": "江*", "last4": "4321"}
        assert api.patch("/merchant", {"slug": "mine"}).status_code == 422

    def test_bad_input_names_the_field(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        answer = api.post("/merchants", {"names": {"xx": "?"}, "contact_email": "a@b.example"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "names.xx"
        answer = api.post("/merchants", {"names": {"en": "Tea"}, "contact_email": "nobody"})
        assert answer.json()["errors"][0]["field"] == "contact_email"
        assert Merchant.objects.count() == 0
