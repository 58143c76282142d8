"""Connected accounts, and how money is shared, through the official client."""

from typing import Any

import pytest
import stripe

from .test_payment_intents import pay

Client = Any


def money(client: Client, account: str | None = None, currency: str = "cny") -> tuple[int, int]:
    """(available, pending) of the own or a connected account."""
    options = {"stripe_account": account} if account else {}
    found = client.v1.balance.retrieve(options=options)
    return tuple(
        sum(one.amount for one in column if one.currency == currency)
        for column in (found.available, found.pending)
    )


def seller(client: Client, **more: Any) -> Any:
    return client.v1.accounts.create(params={"type": "express", "country": "CN"} | more)


def settle() -> None:
    """Let everything happen that is due within a minute."""
    from sandbox.delivery.worker import drain

    drain(later_too=60)


def test_account_life(official: Client) -> None:
    own = official.v1.accounts.retrieve_current()
    assert own.id.startswith("acct_")
    one = seller(
        official,
        email="a@example.com",
        business_type="company",
        company={"name": "Red Chairs", "tax_id": "91110000100000001X"},
        metadata={"ref": "7"},
        capabilities={"card_payments": {"requested": True}, "transfers": {"requested": True}},
    )
    assert one.charges_enabled
    assert one.payouts_enabled
    assert one.requirements.currently_due == []
    assert one.capabilities.transfers == "active"
    assert one.company.tax_id_provided
    assert "9111" not in str(one)
    changed = official.v1.accounts.update(
        one.id, params={"business_profile": {"name": "Red"}, "metadata": {"ref": ""}}
    )
    assert changed.business_profile.name == "Red"
    assert changed.metadata.to_dict() == {}
    assert [row.id for row in official.v1.accounts.list().data] == [one.id]
    controlled = official.v1.accounts.create(
        params={"controller": {"stripe_dashboard": {"type": "none"}}, "country": "US"}
    )
    assert controlled.type == "none"
    assert controlled.controller.stripe_dashboard.type == "none"
    page = official.v1.accounts.list(params={"limit": 1})
    assert page.has_more
    assert len(list(page.auto_paging_iter())) == 2
    bank = official.v1.accounts.external_accounts.create(
        one.id,
        params={
            "external_account": {
                "object": "bank_account",
                "country": "CN",
                "currency": "cny",
                "account_number": "6222000000000000",
            }
        },
    )
    assert (bank.last4, bank.default_for_currency) == ("0000", True)
    assert official.v1.accounts.retrieve(one.id).external_accounts.data[0].id == bank.id
    assert official.v1.accounts.delete(one.id).deleted
    with pytest.raises(stripe.PermissionError):
        official.v1.accounts.retrieve(one.id)


def test_restricted_until_onboarded(official: Client, sandbox: str) -> None:
    import requests

    one = seller(official, metadata={"sandbox_restricted": "true"})
    assert not one.charges_enabled
    assert "external_account" in one.requirements.currently_due
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.transfers.create(params={"amount": 5, "currency": "cny", "destination": one.id})
    assert caught.value.code == "insufficient_capabilities_for_transfer"
    link = official.v1.account_links.create(
        params={
            "account": one.id,
            "type": "account_onboarding",
            "return_url": "https://shop.example/back",
            "refresh_url": "https://shop.example/again",
        }
    )
    assert one.id in requests.get(link.url, timeout=60).text
    answer = requests.post(link.url, timeout=5, allow_redirects=False)
    assert answer.headers["Location"] == "https://shop.example/back"
    assert official.v1.accounts.retrieve(one.id).charges_enabled


def test_separate_charges_and_transfers(official: Client) -> None:
    one = seller(official)
    paid = pay(official, transfer_group="order_1", expand=["latest_charge.balance_transaction"])
    moved = official.v1.transfers.create(
        params={
            "amount": 3000,
            "currency": "cny",
            "destination": one.id,
            "source_transaction": paid.latest_charge.id,
            "metadata": {"line": "1"},
            "expand": ["balance_transaction"],
        }
    )
    assert moved.transfer_group == "order_1"
    assert moved.balance_transaction.net == -3000
    assert money(official, one.id) == (0, 3000)  # available when the charge is
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.transfers.create(
            params={
                "amount": 2001,
                "currency": "cny",
                "destination": one.id,
                "source_transaction": paid.latest_charge.id,
            }
        )
    assert caught.value.param == "amount"
    free = official.v1.transfers.create(
        params={"amount": 500, "currency": "cny", "destination": one.id}
    )
    assert money(official, one.id) == (500, 3000)
    back = official.v1.transfers.reversals.create(free.id, params={"amount": 200})
    assert back.destination_payment_refund.startswith("pyr_")
    found = official.v1.transfers.retrieve(free.id)
    assert (found.amount_reversed, found.reversed) == (200, False)
    official.v1.transfers.reversals.create(free.id)
    assert official.v1.transfers.retrieve(free.id).reversed
    assert money(official, one.id) == (0, 3000)
    with pytest.raises(stripe.InvalidRequestError):
        official.v1.transfers.reversals.create(free.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.transfers.create(
            params={"amount": 10**12, "currency": "cny", "destination": one.id}
        )
    assert caught.value.code == "balance_insufficient"
    listed = official.v1.transfers.list(params={"destination": one.id})
    assert [row.id for row in listed.data] == [free.id, moved.id]
    kinds = [
        row.type
        for row in official.v1.balance_transactions.list(options={"stripe_account": one.id}).data
    ]
    assert kinds == ["payment_refund", "payment_refund", "payment", "payment"]


def test_destination_charge_and_its_refund(official: Client) -> None:
    one = seller(official)
    before = sum(money(official))
    paid = pay(
        official,
        transfer_data={"destination": one.id},
        application_fee_amount=400,
        on_behalf_of=one.id,
        expand=["latest_charge.transfer", "latest_charge.application_fee"],
    )
    charge = paid.latest_charge
    assert charge.transfer.amount == 5000
    assert charge.application_fee.amount == 400
    assert sum(money(official, one.id)) == 4600
    # the platform has its fee, less what the gateway keeps of the charge
    assert sum(money(official)) - before == 400 - 175
    refund = official.v1.refunds.create(
        params={
            "payment_intent": paid.id,
            "amount": 2500,
            "reverse_transfer": True,
            "refund_application_fee": True,
            "expand": ["transfer_reversal"],
        }
    )
    assert refund.transfer_reversal.amount == 2500
    assert sum(money(official, one.id)) == 2300
    assert sum(money(official)) - before == 200 - 175
    fee = official.v1.application_fees.retrieve(charge.application_fee.id)
    assert (fee.amount_refunded, fee.refunded) == (200, False)
    rest = official.v1.application_fees.refunds.create(fee.id)
    assert rest.amount == 200
    assert official.v1.application_fees.retrieve(fee.id).refunded
    with pytest.raises(stripe.InvalidRequestError):
        pay(official, application_fee_amount=10)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        pay(official, transfer_data={"destination": "acct_nobody"})
    assert caught.value.param == "transfer_data[destination]"


def test_direct_charge(official: Client) -> None:
    one = seller(official)
    options = {"stripe_account": one.id}
    before = sum(money(official))
    paid = official.v1.payment_intents.create(
        params={
            "amount": 5000,
            "currency": "cny",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
            "application_fee_amount": 300,
            "expand": ["latest_charge.balance_transaction"],
        },
        options=options,
    )
    booked = paid.latest_charge.balance_transaction
    assert (booked.fee, booked.net) == (475, 4525)
    assert [part.type for part in booked.fee_details] == ["stripe_fee", "application_fee"]
    assert money(official, one.id) == (4525, 0)
    assert sum(money(official)) - before == 300
    with pytest.raises(stripe.InvalidRequestError):
        official.v1.payment_intents.retrieve(paid.id)  # it is the seller's, not the platform's
    fee = official.v1.application_fees.list(params={"charge": paid.latest_charge.id}).data[0]
    assert fee.account == one.id
    official.v1.refunds.create(
        params={"charge": paid.latest_charge.id, "refund_application_fee": True}, options=options
    )
    assert sum(money(official)) == before
    assert sum(money(official, one.id)) == -175


def test_payouts(official: Client) -> None:
    one = seller(official)
    options = {"stripe_account": one.id}
    official.v1.transfers.create(params={"amount": 9000, "currency": "cny", "destination": one.id})
    wanted = {"amount": 4000, "currency": "cny"}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.payouts.create(params=wanted, options=options)
    assert "external accounts" in str(caught.value)
    for number in ("000111111116", "6222000000000000"):
        official.v1.accounts.external_accounts.create(
            one.id,
            params={
                "external_account": {
                    "object": "bank_account",
                    "country": "CN",
                    "currency": "cny",
                    "account_number": number,
                },
                "default_for_currency": True,
            },
        )
    good, bad = official.v1.accounts.retrieve(one.id).external_accounts.data
    paid = official.v1.payouts.create(params=wanted, options=options)
    assert (paid.status, paid.destination) == ("pending", good.id)
    assert money(official, one.id) == (5000, 0)
    failing = official.v1.payouts.create(params=wanted | {"destination": bad.id}, options=options)
    gone = official.v1.payouts.create(params={"amount": 1000, "currency": "cny"}, options=options)
    assert official.v1.payouts.cancel(gone.id, options=options).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.payouts.create(params={"amount": 1001, "currency": "cny"}, options=options)
    assert caught.value.code == "balance_insufficient"
    settle()
    settle()
    assert official.v1.payouts.retrieve(paid.id, options=options).status == "paid"
    failed = official.v1.payouts.retrieve(failing.id, options=options)
    assert (failed.status, failed.failure_code) == ("failed", "no_account")
    assert failed.failure_balance_transaction
    assert money(official, one.id) == (5000, 0)
    reversed_ = official.v1.payouts.reverse(paid.id, options=options)
    assert (reversed_.amount, reversed_.original_payout) == (-4000, paid.id)
    assert money(official, one.id) == (9000, 0)
    listed = official.v1.payouts.list(params={"status": "failed"}, options=options)
    assert [row.id for row in listed.data] == [failing.id]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.payouts.list(params={"status": "lost"}, options=options)
    assert caught.value.param == "status"


def test_automatic_payout_settles_its_movements(official: Client, sandbox: str, key: str) -> None:
    import requests

    pay(official, "pm_card_bypassPending")
    second = pay(official, "pm_card_bypassPending", amount=2000)
    official.v1.refunds.create(params={"payment_intent": second.id, "amount": 500})
    pay(official, amount=7000)  # not available yet
    headers = {"Authorization": f"Bearer {key}"}
    made = requests.post(f"{sandbox}/_sandbox/payouts", headers=headers, timeout=60).json()["data"]
    assert len(made) == 1
    payout = official.v1.payouts.retrieve(made[0]["id"])
    listed = official.v1.balance_transactions.list(params={"payout": payout.id}).data
    assert [row.type for row in listed] == ["payout", "refund", "charge", "charge"]
    assert payout.amount == sum(row.net for row in listed if row.type != "payout")
    assert sum(row.net for row in listed) == 0
    settle()
    settle()
    assert official.v1.payouts.retrieve(payout.id).status == "paid"
    line = requests.get(
        f"{sandbox}/bank/v1/statement?currency=CNY", headers=headers, timeout=5
    ).json()["data"][0]
    assert (line["kind"], line["amount"]) == ("gateway_payout", payout.amount)
    assert line["reference"] == payout.id
    again = requests.post(f"{sandbox}/_sandbox/payouts", headers=headers, timeout=60).json()
    assert again["data"] == []
    by_hand = official.v1.payouts.create(params={"amount": 100, "currency": "cny"})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.balance_transactions.list(params={"payout": by_hand.id})
    assert caught.value.param == "payout"


def test_topup(official: Client) -> None:
    before = money(official)[0]
    top = official.v1.topups.create(params={"amount": 700, "currency": "cny"})
    other = official.v1.topups.create(params={"amount": 900, "currency": "cny"})
    assert official.v1.topups.cancel(other.id).status == "canceled"
    settle()
    assert official.v1.topups.retrieve(top.id).status == "succeeded"
    assert money(official)[0] - before == 700


def test_another_platform_sees_nothing(official: Client, sandbox: str) -> None:
    from tests.factories import sandbox as factory

    one = seller(official)
    moved = official.v1.transfers.create(
        params={"amount": 9, "currency": "cny", "destination": one.id}
    )
    other: Client = stripe.StripeClient(
        factory.make_account("Other"), base_addresses={"api": sandbox}, max_network_retries=0
    )
    with pytest.raises(stripe.PermissionError):
        other.v1.accounts.retrieve(one.id)
    with pytest.raises(stripe.PermissionError):
        other.v1.balance.retrieve(options={"stripe_account": one.id})
    with pytest.raises(stripe.InvalidRequestError):
        other.v1.transfers.retrieve(moved.id)
    with pytest.raises(stripe.InvalidRequestError):
        other.v1.transfers.create(params={"amount": 9, "currency": "cny", "destination": one.id})


def test_events_of_connected_accounts(official: Client, receiver: Any) -> None:
    import json

    official.v1.webhook_endpoints.create(
        params={"url": receiver.url + "/own", "enabled_events": ["*"]}
    )
    official.v1.webhook_endpoints.create(
        params={"url": receiver.url + "/connect", "enabled_events": ["*"], "connect": True}
    )
    one = seller(official)
    official.v1.accounts.update(one.id, params={"email": "new@example.com"})
    pay(official, transfer_data={"destination": one.id})
    settle()
    heard = [(row.path.rpartition("/")[2], json.loads(row.body)) for row in receiver.got]
    mine = {event["type"] for place, event in heard if place == "own"}
    theirs = [event for place, event in heard if place == "connect"]
    assert "transfer.created" in mine
    assert "account.updated" not in mine
    assert {event["type"] for event in theirs} == {"account.updated"}
    assert all(event["account"] == one.id for event in theirs)
