"""Rows of the audit trail as an operator reads them: who, what of which object, and what changed
field by field."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kernel import personal
from kernel.actors import current_actor
from kernel.audit import AuditEntry
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.outbox import with_public_ids
from kernel.states import label_of
from platforms import facade as platforms
from storefront import certified, formats, words  # noqa: F401 - its states' words
from storefront.templatetags.shop import said
from storefront.words.trail_fields import FIELDS

LONGEST = 300  # characters of a value that are shown
# The prefix of a kind of object's numbers, and the operator's page of one, "" where there is none.
TARGETS = {
    "catalog.attribute": ("atr", "operator_attribute"),
    "catalog.block": ("hbl", "operator_block"),
    "catalog.brand": ("brd", "operator_brand"),
    "catalog.category": ("cat", "operator_category"),
    "catalog.media": ("med", ""),
    "catalog.product": ("prd", "operator_product"),
    "catalog.shopcategory": ("shc", ""),
    "catalog.videofile": ("vdf", ""),
    "certification.bulksigning": ("blk", ""),
    "certification.certificate": ("cer", "operator_certificate"),
    "certification.contract": ("ctr", "operator_contract"),
    "certification.contractinspection": ("ctr", "operator_contract"),
    "certification.contracttemplate": ("ctt", "operator_template"),
    "certification.identity": ("idn", "operator_identity"),
    "certification.seal": ("sea", "operator_seal"),
    "inventory.count": ("cnt", ""),
    "inventory.receipt": ("rcp", ""),
    "inventory.reservation": ("rsv", ""),
    "inventory.stock": ("stk", ""),
    "inventory.transfer": ("trf", ""),
    "inventory.warehouse": ("whs", ""),
    "journeys.journey": ("jny", "operator_journey"),
    "journeys.merchantapplication": ("map", "operator_application"),
    "journeys.productimport": ("pim", ""),
    "kernel.delivery": ("dlv", ""),
    "kernel.webhookendpoint": ("whk", ""),
    "logistics.shipment": ("shp", ""),
    "marketplace.buyergroup": ("bgr", ""),
    "marketplace.cancellation": ("can", ""),
    "marketplace.groupmember": ("gmb", ""),
    "marketplace.offer": ("off", ""),
    "marketplace.order": ("ord", "operator_order"),
    "marketplace.pricelist": ("prl", "operator_price_list"),
    "marketplace.promotion": ("prm", "operator_promotion"),
    "marketplace.return": ("ret", "operator_return"),
    "marketplace.sale": ("sal", ""),
    "payments.bankcredit": ("bcr", ""),
    "payments.deposit": ("dep", ""),
    "payments.dispute": ("dsp", "operator_dispute"),
    "payments.escrow": ("esc", ""),
    "payments.invoicerequest": ("irq", ""),
    "payments.manualentry": ("men", "operator_entry"),
    "payments.paymentintent": ("pay", ""),
    "payments.payout": ("pot", ""),
    "payments.reconexception": ("rex", "operator_recon_exception"),
    "payments.refund": ("ref", ""),
    "payments.salesinvoice": ("siv", "operator_invoice"),
    "platforms.merchant": ("mer", "operator_merchant"),
    "platforms.person": ("per", ""),
    "platforms.platform": ("plt", ""),
    "search.savedsearch": ("sav", ""),
}
# Price lists' imports share a table with those of products; their numbers start otherwise.
PRICE_IMPORT = ("pli", "")
# The words of an object's states, where they aren't named as the object is. What has no words of
# its own on pages is called as its state machine calls it.
STATES = {
    "certification.bulkrow": "bulk_row",
    "certification.bulksigning": "bulk",
    "certification.contracttemplate": "template",
    "certification.identitycheck": "check",
    "journeys.merchantapplication": "application",
    "journeys.productimport": "import",
    "kernel.delivery": "event",
    "kernel.webhookdelivery": "webhook_delivery",
    "kernel.webhookendpoint": "webhook",
    "marketplace.groupmember": "group_member",
    "payments.accountchange": "account_change",
    "payments.bankcredit": "credit",
    "payments.instalmentplan": "instalment_plan",
    "payments.invoicerequest": "invoice_request",
    "payments.manualentry": "entry",
    "payments.reconday": "recon_day",
    "payments.reconexception": "recon_exception",
    "platforms.apikey": "key",
    "platforms.dataexport": "export",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Field:
    """One field that changed; ``before`` is "" where nothing was said of it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    """One change; ``number`` is the object's, ``href`` its page for who reads. ``who`` is "" for
    whoever has no name (any more), ``role`` for buyers and those who left the staff."""

    entry: AuditEntry
    who: str
    role: str
    merchant: platforms.MerchantInfo | None
    number: str
    href: str
    fields: list[Field]


def rows(entries: Iterable[AuditEntry]) -> list[Row]:
    """The entries with what else is known of them, in a few statements for all."""
    found = list(entries)
    people = platforms.people({e.actor_person_id for e in found if e.actor_person_id})
    merchants = platforms.merchants({e.merchant_id for e in found if e.merchant_id})
    own = any(held.staff_role_id for one in people.values() for held in one.memberships)
    roles = {one.id: one.name for one in platforms.staff_roles(limit=100).items} if own else {}
    return [
        Row(
            entry=entry,
            who=_who(entry, people),
            role=_role(entry, people, roles),
            merchant=merchants.get(entry.merchant_id) if entry.merchant_id else None,
            number=number(entry),
            href=href(entry),
            fields=fields(entry),
        )
        for entry in found
    ]


def number(entry: AuditEntry) -> str:
    """The object's number as everywhere; plain where its kind has none; "" where it is none."""
    prefix, _page = _target(entry)
    if entry.target_id is None:
        return ""
    return public_id(prefix, entry.target_id) if prefix else str(entry.target_id)


def href(entry: AuditEntry) -> str:
    """The operator's page of the object; "" where there is none, or the role may not see it."""
    prefix, page = _target(entry)
    if not page or entry.target_id is None:
        return ""
    address = reverse(f"storefront:{page}", args=[public_id(prefix, entry.target_id)])
    needed = _needed(resolve(address.removeprefix(get_script_prefix().rstrip("/"))).func)
    return address if current_actor().holds(*needed) else ""


def _target(entry: AuditEntry) -> tuple[str, str]:
    if entry.action.startswith("journeys.price_import."):
        return PRICE_IMPORT
    return TARGETS.get(entry.target_type, ("", ""))


def _needed(view: Any) -> tuple[str, ...]:
    """What a desk's page asks for; an order's page is no desk's."""
    return getattr(view, "permissions", ("orders.see",))


def fields(entry: AuditEntry) -> list[Field]:
    """What changed, field by field; what stayed isn't told."""
    found = []
    for name in {**entry.after, **entry.before}:
        before, after = entry.before.get(name), entry.after.get(name)
        if name in entry.before and name in entry.after and before == after:
            continue
        label = str(FIELDS.get(name, name))
        found.append(
            Field(
                label,
                shown(name, before, entry) if name in entry.before else "",
                shown(name, after, entry) if name in entry.after else "",
            )
        )
    return found


def shown(name: str, value: Any, entry: AuditEntry) -> str:
    """A value as text: amounts, times, states and texts in the reader's language."""
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return pgettext("value", "Yes") if value else pgettext("value", "No")
    value = with_public_ids(name if name.endswith(("_id", "_ids")) else f"{name}_id", value)
    if isinstance(value, str):
        return _text(name, value, entry)
    if isinstance(value, dict):
        if set(value) == {"amount", "currency"} and isinstance(value["amount"], int):
            return _amount(value)
        if all(isinstance(one, str) for one in value.values()) and _languages(value):
            return _short(said(value))
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return _short(", ".join(str(one) for one in value))
    return _short(
        json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
    )


def _text(name: str, value: str, entry: AuditEntry) -> str:
    if value.startswith(personal.PREFIX):
        return _("personal, sealed")
    if name == "state":
        return state(entry.target_type, value)
    if _DAY.match(value) and (name.endswith(("_at", "_on")) or name in ("since", "until")):
        try:
            if len(value) == len("2026-01-31"):
                return formats.day(date.fromisoformat(value))
            return formats.moment(datetime.fromisoformat(value))
        except (ValueError, OverflowError):  # the end of the calendar, in the reader's zone
            return _short(value)
    return _short(value)


def state(kind: str, code: str) -> str:
    """What a state of a kind of object is called."""
    of_pages = words.STATES.get(STATES.get(kind, kind.rpartition(".")[2]), {})
    return str(of_pages[code][0] if code in of_pages else label_of(kind, code) or code)


def _amount(value: dict[str, Any]) -> str:
    try:
        amount = formats.as_money(value)
        return formats.money(amount) if amount else "—"
    except Invalid:  # a currency or an amount that is none today
        return _short(json.dumps(value, ensure_ascii=False))


def _languages(value: dict[str, Any]) -> bool:
    return all(re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4})?", key) for key in value)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _who(entry: AuditEntry, people: dict[UUID, platforms.PersonInfo]) -> str:
    if entry.actor_person_id is None:
        return "" if entry.actor_label == entry.actor_kind else entry.actor_label
    person = people.get(entry.actor_person_id)
    return person.name if person else ""


def _role(
    entry: AuditEntry, people: dict[UUID, platforms.PersonInfo], roles: dict[UUID, str]
) -> str:
    person = people.get(entry.actor_person_id) if entry.actor_person_id else None
    for held in person.memberships if person and entry.actor_kind != "buyer" else ():
        if held.merchant_id == entry.merchant_id:
            own = roles.get(held.staff_role_id) if held.staff_role_id else None
            return own or str(words.ROLES.get(str(held.role), held.role))
    return ""
