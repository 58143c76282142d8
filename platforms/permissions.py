"""What a role on a staff may include: the list of permissions, and the sets to begin with.

One list for the API and the pages: a route or page of a console names the code that it needs, and
a test finds the one that names none. Who owns a merchant, and a platform's chief operators, hold
everything (``EVERYTHING``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVERYTHING = frozenset({"*"})
MERCHANT, OPERATOR = "merchant", "operator"
_BOTH, _SHOP, _PLATFORM = (MERCHANT, OPERATOR), (MERCHANT,), (OPERATOR,)
GENERAL = "general"


@dataclass(frozen=True)
class Permission:
    """One line of the list. ``desks``: whose staff it is for; ``includes``: what it brings along,
    for nobody ships what they can't see."""

    code: str
    title: Promise
    explains: Promise
    desks: tuple[str, ...]
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    """A set to begin with, for a role of one's own."""

    code: str
    title: Promise
    desk: str
    permissions: tuple[str, ...]


PERMISSIONS: tuple[Permission, ...] = (
    Permission("merchants", _("Merchants"),
               _("Review, approve and suspend merchants; invite their owners."), _PLATFORM),
    Permission("identities", _("Identities"),
               _("Review who people and companies are; look at their papers."), _PLATFORM),
    Permission("catalogue", _("Catalogue"),
               _("Products and pictures; on a platform categories, brands and product review."),
               _BOTH),
    Permission("shop", _("Shop page"),
               _("How the shop presents itself, its own categories, its holidays."), _SHOP),
    Permission("content", _("First page"), _("What stands on the platform's first page."),
               _PLATFORM),
    Permission("prices", _("Prices"), _("Prices, and prices that hold for a time."), _SHOP),
    Permission("promotions", _("Promotions"), _("Promotions and coupons."), _BOTH),
    Permission("search", _("Search tuning"), _("Rules, synonyms and weights of the search."),
               _PLATFORM),
    Permission("stock", _("Stock"), _("Warehouses, stock, receipts, transfers and counts."), _SHOP),
    Permission("orders.see", _("See orders"), _("Read orders with their addresses."), _BOTH),
    Permission("orders", _("Orders and shipping"),
               _("Pack, ship and cancel; on a platform orders that need attention."), _BOTH,
               ("orders.see",)),
    Permission("service", _("Returns and messages"),
               _("Answer buyers, decide returns and cancellations."), _BOTH, ("orders.see",)),
    Permission("disputes", _("Complaints"),
               _("Answer complaints and bring evidence; on a platform decide them."), _BOTH,
               ("orders.see",)),
    Permission("money.see", _("See money"), _("Balances, payments, payouts and statements."),
               _BOTH),
    Permission("money", _("Payments and refunds"),
               _("Take and give back money, guarantees, instalments, incoming transfers."), _BOTH,
               ("money.see",)),
    Permission("payouts", _("Paying out"), _("Pay out, and the account that it goes to."), _BOTH,
               ("money.see",)),
    Permission("invoices", _("Invoices and tax"), _("Issue invoices; tax classes of goods."), _BOTH,
               ("money.see",)),
    Permission("terms", _("Commission and ways to pay"),
               _("Commission, instalment terms and the ways to pay."), _PLATFORM, ("money.see",)),
    Permission("ledger", _("Ledger and reconciliation"),
               _("Entries by hand, alarms, seals of the day, reconciliation."), _PLATFORM,
               ("money.see",)),
    Permission("contracts", _("Contracts"), _("Draw up, negotiate and follow contracts."), _BOTH),
    Permission("company", _("Company papers"),
               _("Identity, certificates, seals and contract templates of the company."), _SHOP,
               ("contracts",)),
    Permission("staff", _("Staff"), _("Invite people, define roles, give and take them."), _BOTH),
    Permission("events", _("Events"), _("Read all that happened, as programs do."), _SHOP),
    Permission("keys", _("Keys and webhooks"),
               _("API keys and webhooks: what programs may do."), _BOTH),
    Permission("audit", _("Audit trail"), _("Who changed what; the raw tables."), _PLATFORM),
    Permission("jobs", _("Jobs"), _("Background jobs and parked events."), _PLATFORM),
    Permission("settings", _("Settings"), _("Settings of the platform."), _PLATFORM),
)  # fmt: skip
BY_CODE = {one.code: one for one in PERMISSIONS}
PRESETS: tuple[Preset, ...] = (
    # What staff could do before there were roles: whoever has no role of the merchant's own.
    Preset(GENERAL, _("General staff"), MERCHANT,
           ("catalogue", "shop", "prices", "promotions", "stock", "orders", "service", "money.see",
            "invoices", "contracts", "events")),
    Preset("warehouse", _("Warehouse"), MERCHANT, ("stock", "orders")),
    Preset("service", _("Customer service"), MERCHANT, ("service", "disputes")),
    Preset("finance", _("Finance"), MERCHANT, ("orders.see", "money", "payouts", "invoices")),
    Preset("goods", _("Goods and promotions"), MERCHANT,
           ("catalogue", "shop", "prices", "promotions")),
    Preset("reviewers", _("Merchant review"), OPERATOR, ("merchants", "identities", "catalogue")),
    Preset("support", _("Customer service"), OPERATOR, ("orders", "service", "disputes")),
    Preset("finance", _("Finance"), OPERATOR,
           ("money", "payouts", "invoices", "terms", "ledger")),
    Preset("editors", _("Content and promotions"), OPERATOR,
           ("content", "promotions", "search", "catalogue")),
    Preset("machinery", _("Machinery"), OPERATOR, ("audit", "jobs")),
)  # fmt: skip


def of_desk(desk: str) -> tuple[Permission, ...]:
    """The permissions that roles of this staff can include, in the order to show them."""
    return tuple(one for one in PERMISSIONS if desk in one.desks)


def presets_of(desk: str) -> tuple[Preset, ...]:
    """The sets to begin with."""
    return tuple(one for one in PRESETS if one.desk == desk)


def complete(codes: Iterable[str]) -> frozenset[str]:
    """These with all that they bring along; codes that are no longer listed are left out."""
    found = {code for code in codes if code in BY_CODE}
    return frozenset(found.union(*(BY_CODE[code].includes for code in found)))


GENERAL_STAFF = complete(PRESETS[0].permissions)
