"""The protocol at its edges, spoken with plain HTTP."""

from typing import Any

import pytest
import requests


def call(sandbox: str, key: str, path: str, body: Any = None, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"} | options.pop("headers", {})
    if isinstance(body, str):
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = options.pop("method", "GET" if body is None else "POST")
    return requests.request(
        method, f"{sandbox}{path}", data=body, headers=headers, timeout=10, **options
    )


class TestAuthentication:
    def test_basic_and_bearer(self, sandbox: str, key: str) -> None:
        assert requests.get(f"{sandbox}/v1/balance", auth=(key, ""), timeout=60).status_code == 200
        assert call(sandbox, key, "/v1/balance").status_code == 200

    @pytest.mark.parametrize(
        ("header", "status"),
        [
            ({}, 401),
            ({"Authorization": "Bearer"}, 401),
            ({"Authorization": "Bearer sk_test_wrongwrongwrongwrongwrong"}, 401),
            ({"Authorization": "Basic ???"}, 401),
            ({"Authorization": "Digest abc"}, 401),
            ({"Authorization": "Bearer pk_test_abcdefghijklmnopqrstuv"}, 403),
            ({"Authorization": "Bearer sk_live_abcdefghijklmnopqrstuv"}, 401),
        ],
    )
    def test_refused(self, sandbox: str, header: dict[str, str], status: int) -> None:
        answer = requests.get(f"{sandbox}/v1/balance", headers=header, timeout=60)
        assert answer.status_code == status
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert answer.headers["Request-Id"].startswith("req_")
        sent = header.get("Authorization", "").partition(" ")[2]
        assert not sent or sent not in answer.text

    def test_accounts_are_apart(self, sandbox: str, key: str) -> None:
        from tests.factories.sandbox import make_account

        mine = call(sandbox, key, "/v1/customers", "name=A").json()["id"]
        other = make_account("Other")
        assert call(sandbox, other, f"/v1/customers/{mine}").status_code == 404
        assert call(sandbox, other, "/v1/customers").json()["data"] == []
        answer = call(sandbox, key, "/v1/balance", headers={"Stripe-Account": "acct_other"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_invalid")

    def test_keys_are_long_and_hashed(self, key: str) -> None:
        from sandbox.models import SecretKey

        assert key.startswith("sk_test_")
        assert len(key) >= 24
        row = SecretKey.objects.get()
        assert key not in (row.digest, row.hint)
        assert key[8:-4] not in row.hint


class TestForms:
    def test_nesting_lists_and_unset(self, sandbox: str, key: str) -> None:
        body = (
            "name=%E5%BC%A0%E4%B8%89&address[city]=%E6%9D%AD%E5%B7%9E&metadata[a]=1&metadata[0]=z"
            "&preferred_locales[]=zh&preferred_locales[]=en&description="
        )
        made = call(sandbox, key, "/v1/customers", body).json()
        assert made["name"] == "张三"
        assert made["address"]["city"] == "杭州"
        assert made["metadata"] == {"a": "1", "0": "z"}
        assert made["preferred_locales"] == ["zh", "en"]
        assert made["description"] is None
        body = "preferred_locales[1]=b&preferred_locales[0]=a&metadata[a]=&address=&name%5D=x"
        answer = call(sandbox, key, f"/v1/customers/{made['id']}", body)
        assert answer.status_code == 400  # a bracket that closes nothing
        body = body.removesuffix("&name%5D=x")
        changed = call(sandbox, key, f"/v1/customers/{made['id']}", body).json()
        assert changed["preferred_locales"] == ["a", "b"]
        assert changed["metadata"] == {"0": "z"}
        assert changed["address"] is None
        cleared = call(sandbox, key, f"/v1/customers/{made['id']}", "metadata=").json()
        assert cleared["metadata"] == {}

    def test_encoded_brackets_and_multipart(self, sandbox: str, key: str) -> None:
        made = call(sandbox, key, "/v1/customers", "metadata%5Bk%5D=v").json()
        assert made["metadata"] == {"k": "v"}
        answer = call(sandbox, key, "/v1/customers", {}, method="POST", files={"name": (None, "M")})
        assert answer.json()["name"] == "M"

    @pytest.mark.parametrize(
        ("body", "code", "param"),
        [
            ("amount=100&currency=cny&foo=1", "parameter_unknown", "foo"),
            ("amount=100&currency=cny&shipping[address][planet]=x&shipping[name]=n", None, None),
            ("currency=cny", "parameter_missing", "amount"),
            ("amount=ten&currency=cny", "parameter_invalid_integer", "amount"),
            ("amount=1.5&currency=cny", "parameter_invalid_integer", "amount"),
            ("amount=&currency=cny", "parameter_invalid_empty", "amount"),
            ("amount[x]=1&currency=cny", "parameter_invalid_integer", "amount"),
            ("amount=100&currency=zzz", None, "currency"),
            ("amount=100&currency=cny&confirm=yes", None, "confirm"),
            ("amount=100&currency=cny&capture_method=never", None, "capture_method"),
            ("amount=100&currency=cny&metadata=text", None, "metadata"),
            ("amount=100&currency=cny&payment_method_types=card", None, "payment_method_types"),
            ("amount=100&currency=cny&payment_method_types[]=alipay", None, "payment_method_types"),
            ("amount=100&currency=cny&receipt_email=nobody", "email_invalid", "receipt_email"),
            ("amount=100&currency=cny&customer=cus_none", "resource_missing", "customer"),
            ("amount=100&currency=cny&return_url=javascript:1&confirm=true", "url_invalid", None),
            ("amount=100&amount[a]=1&currency=cny", None, None),
            ("amount=100&currency=cny&%FF=1", None, None),
            ("amount=100&currency=cny&description=a%00b", None, None),
            ("amount=99999999999999999999999&currency=cny", "parameter_invalid_integer", "amount"),
            (
                "&".join(f"metadata[k{n}]=v" for n in range(51)) + "&amount=100&currency=cny",
                None,
                "metadata",
            ),
            (f"amount=100&currency=cny&metadata[{'k' * 41}]=v", None, None),
            (f"amount=100&currency=cny&metadata[k]={'v' * 501}", None, None),
            ("[a]=1", None, None),
            ("a[b=1", None, None),
        ],
    )
    def test_bad_parameters(
        self, sandbox: str, key: str, body: str, code: str | None, param: str | None
    ) -> None:
        from sandbox.models import IdempotentRequest, PaymentIntent

        answer = call(
            sandbox, key, "/v1/payment_intents", body, headers={"Idempotency-Key": "once"}
        )
        error = answer.json()["error"]
        assert answer.status_code == 400, answer.text
        assert error["type"] == "invalid_request_error"
        assert error["message"]
        assert code is None or error["code"] == code
        assert param is None or error["param"] == param
        assert not PaymentIntent.objects.exists()
        if code != "resource_missing":  # that one is found out while executing
            assert not IdempotentRequest.objects.exists()

    def test_json_is_refused(self, sandbox: str, key: str) -> None:
        answer = call(
            sandbox,
            key,
            "/v1/customers",
            '{"name": "x"}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 400

    def test_lists_of_hashes(self) -> None:
        from sandbox.transport.form import parse

        assert parse("a[][b]=1&a[][c]=2&a[][b]=3") == {
            "a": {"0": {"b": "1", "c": "2"}, "1": {"b": "3"}}
        }
        assert parse("a[b][]=x&a[b][]=y") == {"a": {"b": {"0": "x", "1": "y"}}}


def test_unknown_address(sandbox: str, key: str) -> None:
    for path in ("/v1/nonsense", "/v1", "/v1/payment_intents/pi_1/nonsense"):
        answer = call(sandbox, key, path)
        assert answer.status_code == 404
        assert answer.json()["error"]["message"].startswith(
            f"Unrecognized request URL (GET: {path})"
        )
    assert call(sandbox, key, "/v1/payment_intents", "", method="DELETE").status_code == 404


def test_versions(sandbox: str, key: str) -> None:
    def ask(version: str) -> requests.Response:
        return call(sandbox, key, "/v1/balance", headers={"Stripe-Version": version})

    for version in ("2026-10-28.endive", "2020-08-27", "2031-01-01.fennel"):
        assert ask(version).headers["Stripe-Version"] == version
    for version in ("2026-13-01", "latest", "2026-10-28.", "v1"):
        assert ask(version).status_code == 400
    assert call(sandbox, key, "/v1/balance").headers["Stripe-Version"] == "2026-10-28.endive"


class TestLists:
    def test_paging_both_ways(self, gateway: Any) -> None:
        made = [gateway.v1.customers.create(params={"name": str(n)}).id for n in range(7)]
        newest = made[::-1]
        first = gateway.v1.customers.list(params={"limit": 3})
        assert [c.id for c in first.data] == newest[:3]
        assert first.has_more
        second = gateway.v1.customers.list(params={"limit": 3, "starting_after": first.data[-1].id})
        assert [c.id for c in second.data] == newest[3:6]
        assert second.has_more
        third = gateway.v1.customers.list(params={"limit": 3, "starting_after": newest[5]})
        assert [c.id for c in third.data] == newest[6:]
        assert not third.has_more
        back = gateway.v1.customers.list(params={"limit": 3, "ending_before": newest[5]})
        assert [c.id for c in back.data] == newest[2:5]
        assert back.has_more
        walked = [c.id for c in first.auto_paging_iter()]
        assert walked == newest
        assert first.url == "/v1/customers"

    def test_created_filter(self, gateway: Any) -> None:
        made = gateway.v1.customers.create()
        for filter_, count in (
            ({"gte": made.created}, 1),
            ({"gt": made.created}, 0),
            ({"lte": made.created, "gt": made.created - 1}, 1),
            ({"lt": made.created}, 0),
            (made.created, 1),
        ):
            found = gateway.v1.customers.list(params={"created": filter_})
            assert len(found.data) == count

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=101",
            "limit=x",
            "starting_after=cus_none",
            "created[foo]=1",
            "order=up",
        ],
    )
    def test_bad_queries(self, sandbox: str, key: str, query: str) -> None:
        assert call(sandbox, key, f"/v1/customers?{query}").status_code == 400


class TestExpand:
    @pytest.fixture
    def paid(self, gateway: Any) -> Any:
        customer = gateway.v1.customers.create(params={"name": "Li"})
        return gateway.v1.payment_intents.create(
            params={
                "amount": 4000,
                "currency": "cny",
                "customer": customer.id,
                "payment_method": "pm_card_visa",
                "confirm": True,
            }
        )

    def test_in_lists_and_deep(self, sandbox: str, key: str, paid: Any) -> None:
        path = (
            "/v1/payment_intents?expand[]=data.customer"
            "&expand[]=data.latest_charge.balance_transaction.source"
        )
        one = call(sandbox, key, path).json()["data"][0]
        assert one["customer"]["name"] == "Li"
        assert one["latest_charge"]["balance_transaction"]["source"]["object"] == "charge"
        assert one["latest_charge"]["payment_intent"] == paid.id

    def test_refunds_are_included_on_request(self, gateway: Any, paid: Any) -> None:
        gateway.v1.refunds.create(params={"payment_intent": paid.id, "amount": 100})
        charge = str(paid.latest_charge)
        plain = gateway.v1.charges.retrieve(charge)
        assert "refunds" not in plain
        full = gateway.v1.charges.retrieve(charge, params={"expand": ["refunds"]})
        assert [refund.amount for refund in full.refunds.data] == [100]

    @pytest.mark.parametrize(
        "path", ["amount", "nonsense", "latest_charge.nonsense", "a.b.c.d.e", "data.customer"]
    )
    def test_wrong_paths(self, sandbox: str, key: str, paid: Any, path: str) -> None:
        answer = call(sandbox, key, f"/v1/payment_intents/{paid.id}?expand[]={path}")
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "expand"


def test_magic_table_is_published(sandbox: str) -> None:
    table = requests.get(f"{sandbox}/_sandbox/magic", timeout=60).json()
    assert {"cards", "bank_accounts", "carrier", "faults"} <= set(table)
    assert {"payment_intents.confirm", "bank.transfers.create", "carrier.waybills.create"} <= set(
        table["faults"]["operations"]
    )
    from sandbox.magic.cards import luhn

    assert all(luhn(card["number"]) for card in table["cards"])
    tokens = [token for card in table["cards"] for token in card["tokens"]]
    assert len(tokens) == len(set(tokens))
    assert "pm_card_visa" in tokens


def test_health(sandbox: str) -> None:
    assert requests.get(f"{sandbox}/healthz", timeout=60).json() == {"status": "ok"}


def test_n_objects_cost_no_more_queries(sandbox: str, key: str, gateway: Any) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from sandbox import accounts
    from sandbox.gateway import registered
    from sandbox.transport import operations
    from sandbox.transport.call import Call

    assert registered
    account = accounts.find(key)
    assert account
    counts = []
    for _ in range(2):
        for _ in range(3):
            gateway.v1.payment_intents.create(
                params={
                    "amount": 500,
                    "currency": "cny",
                    "payment_method": "pm_card_visa",
                    "confirm": True,
                }
            )
        found = operations.find("GET", "/v1/payment_intents")
        assert found
        raw: Any = {"expand": {"0": "data.latest_charge.balance_transaction"}}
        with CaptureQueriesContext(connections["sandbox"]) as seen:
            operations.carry_out(Call(account=account), *found, "/v1/payment_intents", raw)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5
