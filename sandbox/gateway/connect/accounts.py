"""Connected accounts: opened unrestricted, so that money can move at once."""

from typing import Any

from sandbox import idents
from sandbox.models import Account, Document
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Boolean, merge_metadata, wrong

from .. import balance
from ..happen import changed, emit
from . import external, show

_NOT_HERE = {"account_token": None, "documents": None}
_KEPT = ("business_type", "email", "type")
_MERGED = (
    "business_profile",
    "company",
    "controller",
    "individual",
    "settings",
    "tos_acceptance",
)


def _banks(rows: list[Account]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {row.pk: [] for row in rows}
    banks = Document.objects.filter(kind="external_account", parent__in=found)
    for one in banks.exclude(status="deleted").order_by("-pk"):
        found[str(one.parent)].append(one)
    return found


def render(row: Account) -> dict[str, Any]:
    """The account object, its bank accounts included."""
    return show.render(row, _banks([row])[row.pk])


def need(call: Call, ident: str, *, param: str | None = None, lock: bool = False) -> Account:
    """The own account, or one connected to it. Raises 403 as the protocol does."""
    rows = Account.objects.select_for_update() if lock else Account.objects.all()
    row = rows.filter(pk=ident).first()
    mine = row is not None and call.account.pk in (row.pk, row.platform_id)
    if row is None or not mine or row.data.get("deleted"):
        if param:
            raise missing("account", ident, param=param)
        raise GatewayError(
            f"The provided key does not have access to account '{ident[:60]}' (or that account "
            "does not exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return row


def _apply(call: Call, row: Account) -> None:
    for name in _KEPT:
        if call.given(name):
            row.data[name] = call.params[name]
    for name in _MERGED:
        if call.given(name):
            row.data[name] = _merge(row.data.get(name) or {}, call.get(name, {}))
    row.data.get("individual", {}).pop("metadata", None)
    asked = call.get("capabilities", {})
    wanted = {name: bool(one.get("requested", False)) for name, one in asked.items()}
    row.data["capabilities"] = (row.data.get("capabilities") or {}) | wanted
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    row.default_currency = call.get("default_currency", row.default_currency)
    row.name = (row.data.get("business_profile") or {}).get("name") or row.name
    if row.data.get("tos_acceptance", {}).get("date") and row.data.get("business_profile"):
        row.data["completed"] = True
    for part in ("company", "individual"):
        row.data[part] = show.hidden(row.data.get(part) or {})


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """``new`` over ``old``, hash by hash."""
    merged = dict(old)
    for name, value in new.items():
        inside = merged.get(name)
        if isinstance(value, dict) and isinstance(inside, dict):
            value = _merge(inside, value)
        merged[name] = value
    return merged


@operation("POST", "/v1/accounts", "accounts.create", _NOT_HERE)
def create(call: Call) -> dict[str, Any]:
    if call.account.platform_id:
        raise GatewayError("Only a platform can open connected accounts.", status=403)
    if call.get("type") and call.get("controller"):
        raise wrong("You may only specify one of these parameters: type, controller.", "controller")
    country = call.get("country", call.account.country)
    if len(country) != 2 or not country.isalpha():
        raise wrong(f"Invalid country: {country[:20]}. Use a code of two letters.", "country")
    row = Account(
        id=idents.new("acct"),
        name="",
        country=country.upper(),
        default_currency=call.get("default_currency", call.account.default_currency),
        created=call.now,
        platform=call.account,
        clock_ahead=call.account.clock_ahead,
    )
    if call.get("controller"):
        row.data["type"] = "none"
    _apply(call, row)
    row.save(force_insert=True)
    _with_bank(call, row)
    return render(row)


def _with_bank(call: Call, row: Account) -> None:
    given = call.get("external_account") or call.get("bank_account")
    if given:
        inner = call.acting(row)
        inner.params = {"external_account": given}
        external.add(inner, row)


@operation("GET", "/v1/account", "account.retrieve")
def retrieve_own(call: Call) -> dict[str, Any]:
    return render(call.account)


@operation("GET", "/v1/accounts/{id}", "accounts.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident))


@operation("POST", "/v1/accounts/{id}", "accounts.update", _NOT_HERE)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    before = render(row)
    _apply(call, row)
    row.save()
    _with_bank(call, row)
    return _changed(call, row, before)


def _changed(call: Call, row: Account, before: dict[str, Any]) -> dict[str, Any]:
    after = render(row)
    previous = changed(before, after)
    if previous:
        inner = call if row.pk == call.account.pk else call.acting(row)
        emit(inner, "account.updated", after, previous)
    from ..payouts import reschedule

    reschedule(row)
    return after


def complete(call: Call, row: Account) -> None:
    """The seller told all that was asked on the onboarding page."""
    before = render(row)
    row.data["completed"] = True
    row.save(update_fields=["data"])
    _changed(call, row, before)


@operation("DELETE", "/v1/accounts/{id}", "accounts.delete")
def delete(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    if row.platform_id is None:
        raise GatewayError("You cannot delete your own account.", status=403)
    if any(a or p for a, p in balance.sums(call.acting(row)).values()):
        raise GatewayError("This account still has a balance; it must be zero to be deleted.")
    row.data = {"deleted": True}
    row.metadata, row.name = {}, ""
    row.save()
    return {"id": row.pk, "object": "account", "deleted": True}


@operation("POST", "/v1/accounts/{id}/reject", "accounts.reject")
def reject(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    reason = call.params["reason"]
    if reason not in ("fraud", "terms_of_service", "other"):
        raise wrong("Invalid reason: must be one of fraud, terms_of_service, or other.", "reason")
    before = render(row)
    row.data["rejected"] = reason
    row.save(update_fields=["data"])
    return _changed(call, row, before)


@operation("GET", "/v1/accounts", "accounts.list")
def list_accounts(call: Call) -> dict[str, Any]:
    limit = int(call.get("limit", 10))
    if not 1 <= limit <= 100:
        raise wrong("limit must be from 1 to 100.", "limit", "parameter_invalid_integer")
    rows = Account.objects.filter(platform=call.account).exclude(data__has_key="deleted")
    rows = lists.created(rows, call.get("created"))  # type: ignore[type-var]
    after, before = call.get("starting_after"), call.get("ending_before")
    for name, ident in (("starting_after", after), ("ending_before", before)):
        if ident:
            need(call, ident, param=name)
    if before:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: limit + 1])
        shown = found[:limit][::-1]
    else:
        rows = rows.filter(pk__lt=after) if after else rows
        found = list(rows.order_by("-pk")[: limit + 1])
        shown = found[:limit]
    banks = _banks(shown)
    data = [show.render(row, banks[row.pk]) for row in shown]
    return lists.envelope("/v1/accounts", data, len(found) > limit)


def _capability(row: Account, name: str) -> dict[str, Any]:
    status = show.capabilities(row).get(name, "unrequested")
    return {
        "id": name,
        "object": "capability",
        "account": row.pk,
        "future_requirements": show.nothing_due(),
        "requested": status not in ("inactive", "unrequested"),
        "requested_at": row.created,
        "requirements": show.requirements(row),
        "status": status,
    }


@operation("GET", "/v1/accounts/{id}/capabilities", "accounts.capabilities.list")
def list_capabilities(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident)
    data = [_capability(row, name) for name in show.capabilities(row)]
    return lists.envelope(f"/v1/accounts/{ident}/capabilities", data, False)


@operation("GET", "/v1/accounts/{id}/capabilities/{name}", "accounts.capabilities.retrieve")
def retrieve_capability(call: Call, ident: str, name: str) -> dict[str, Any]:
    return _capability(need(call, ident), name)


@operation(
    "POST",
    "/v1/accounts/{id}/capabilities/{name}",
    "accounts.capabilities.update",
    {"requested": Boolean()},
)
def update_capability(call: Call, ident: str, name: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    if call.given("requested"):
        row.data["capabilities"] = (row.data.get("capabilities") or {}) | {
            name: call.params["requested"]
        }
        row.save(update_fields=["data"])
        emit(call.acting(row), "capability.updated", _capability(row, name), {})
    return _capability(row, name)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    own = call.account.platform_id or call.account.pk
    rows = list(Account.objects.filter(pk__in=idents))
    rows = [row for row in rows if own in (row.pk, row.platform_id)]
    banks = _banks(rows)
    return {row.pk: show.render(row, banks[row.pk]) for row in rows}


expandable("account", {})
loader("acct", _load)
