"""How an account looks from outside, and what it may do."""

from typing import Any

from sandbox.models import Account, Document
from sandbox.transport.lists import envelope

from .. import shapes

# What a restricted account still has to tell.
DUE = ("business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip")
_SECRET = ("id_number", "id_number_secondary", "ssn_last_4", "tax_id", "vat_id")


def restricted(row: Account) -> bool:
    """Whether the account was made restricted and hasn't been completed yet."""
    return row.metadata.get("sandbox_restricted") == "true" and not row.data.get("completed")


def capabilities(row: Account) -> dict[str, str]:
    """Asked-for capabilities; cards and transfers unless the account was told otherwise."""
    asked: dict[str, Any] = {"card_payments": True, "transfers": True}
    asked |= row.data.get("capabilities") or {}
    if row.data.get("rejected"):
        return dict.fromkeys(asked, "inactive")
    shut = "pending" if restricted(row) else "active"
    return {name: shut if wanted else "inactive" for name, wanted in sorted(asked.items())}


def enabled(row: Account, name: str) -> bool:
    return capabilities(row).get(name) == "active"


def requirements(row: Account) -> dict[str, Any]:
    due = list(DUE) if restricted(row) else []
    reason = "requirements.past_due" if due else None
    if row.data.get("rejected"):
        reason = f"rejected.{row.data['rejected']}"
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }


def nothing_due() -> dict[str, Any]:
    """Requirements of a time to come: there are none."""
    lists = ("alternatives", "currently_due", "errors", "eventually_due", "past_due")
    return {name: [] for name in (*lists, "pending_verification")} | {
        "current_deadline": None,
        "disabled_reason": None,
    }


def hidden(given: dict[str, Any]) -> dict[str, Any]:
    """What was told of a person or firm; numbers are only said to be there."""
    shown = {name: value for name, value in given.items() if name not in _SECRET}
    told = {"id_number": "id_number_provided", "ssn_last_4": "ssn_last_4_provided"}
    told |= {"tax_id": "tax_id_provided", "vat_id": "vat_id_provided"}
    return shown | {told[name]: True for name in given if name in told}


def render(row: Account, banks: list[Document]) -> dict[str, Any]:
    """The account object."""
    from .external import render as bank

    data, good = row.data, not restricted(row) and not row.data.get("rejected")
    body: dict[str, Any] = {
        "id": row.pk,
        "object": "account",
        "business_profile": _profile(data.get("business_profile") or {}),
        "business_type": data.get("business_type"),
        "capabilities": capabilities(row),
        "charges_enabled": good,
        "controller": _controller(row),
        "country": row.country,
        "created": row.created,
        "default_currency": row.default_currency,
        "details_submitted": good,
        "email": data.get("email"),
        "external_accounts": envelope(
            f"/v1/accounts/{row.pk}/external_accounts", [bank(one) for one in banks], False
        ),
        "future_requirements": nothing_due(),
        "metadata": row.metadata,
        "payouts_enabled": good,
        "requirements": requirements(row),
        "settings": settings(row),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None}
        | (data.get("tos_acceptance") or {}),
        "type": data.get("type", "standard"),
    }
    if data.get("company"):
        body["company"] = hidden(data["company"])
    return body


def _profile(given: dict[str, Any]) -> dict[str, Any]:
    names = (
        "annual_revenue",
        "estimated_worker_count",
        "mcc",
        "name",
        "product_description",
        "support_address",
        "support_email",
        "support_phone",
        "support_url",
        "url",
    )
    shown = {name: given.get(name) for name in names}
    return shown | {"support_address": shapes.address(given.get("support_address"))}


def _controller(row: Account) -> dict[str, Any]:
    if row.platform_id is None:
        return {"type": "account"}
    given = row.data.get("controller") or {}
    kind = row.data.get("type", "standard")
    collects = "application" if kind == "custom" else "stripe"
    dashboard = {"standard": "full", "express": "express"}.get(kind, "none")
    payer = "account" if kind == "standard" else "application"
    if kind in ("custom", "express"):
        payer = f"application_{kind}"
    return {
        "fees": {"payer": (given.get("fees") or {}).get("payer", payer)},
        "is_controller": True,
        "losses": {
            "payments": (given.get("losses") or {}).get(
                "payments", "stripe" if kind == "standard" else "application"
            )
        },
        "requirement_collection": given.get("requirement_collection", collects),
        "stripe_dashboard": {"type": (given.get("stripe_dashboard") or {}).get("type", dashboard)},
        "type": "application",
    }


def settings(row: Account) -> dict[str, Any]:
    given = row.data.get("settings") or {}
    payouts = given.get("payouts") or {}
    schedule = {"delay_days": 2, "interval": "manual"} | (payouts.get("schedule") or {})
    if schedule["delay_days"] == "minimum":
        schedule["delay_days"] = 2
    return {
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color"))
        | (given.get("branding") or {}),
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        }
        | (given.get("card_payments") or {}),
        "dashboard": {"display_name": row.name or None, "timezone": "Etc/UTC"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        }
        | (given.get("payments") or {}),
        "payouts": {
            "debit_negative_balances": payouts.get("debit_negative_balances", True),
            "schedule": schedule,
            "statement_descriptor": payouts.get("statement_descriptor"),
        },
    }
