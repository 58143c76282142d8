"""A platform on a served machine: opened before the buyers come, gone through afterwards.

Run as a module with the machine's environment: ``open <web> <gateway>`` (addresses), or
``audit <code>``. Prints JSON.
"""

import json
import sys
from collections import Counter
from typing import Any

STOCK = 100_000
SHOPS = 2


def open_market(web: str, gateway: str) -> dict[str, Any]:
    """A platform with two shops, connected to the sandbox in both directions."""
    import requests

    from kernel import tenancy
    from kernel.ids import public_id
    from payments import facade as payments
    from tests.factories.platforms import make_key, make_platform
    from tests.factories.sandbox import make_account
    from tests.factories.world import connect, make_world

    tenant = make_platform()
    key = make_account()
    with tenancy.scope(tenant):
        hook = requests.post(
            f"{gateway}/v1/webhook_endpoints",
            data={
                "url": f"{web}/p/{tenant.code}/api/v1/webhooks/gateway",
                "enabled_events[]": "*",
            },
            headers={"Authorization": f"Bearer {key}"},
            timeout=20,
        ).json()
        connect(gateway, key)
        payments.configure_gateway(secret_key=key, webhook_secret=hook["secret"], base_url=gateway)
        world = make_world(SHOPS, stock=STOCK)
        return {
            "code": tenant.code,
            "variants": [public_id("var", shop.variant_id) for shop in world.shops],
            "gateway_key": key,
            "operator": make_key(kind="operator").raw,
        }


def audit(code: str) -> dict[str, Any]:
    """What the platform's books say."""
    from django.db.models import Sum

    from inventory.models import Reservation, Stock
    from journeys.models import Journey
    from kernel import tenancy
    from kernel.audit import extend_chain, verify_chain
    from kernel.records.outbox import Delivery
    from marketplace.models import Order, OrderGroup, OrderLine
    from payments import facade as payments
    from payments.domain.chart import Account, Code
    from payments.ledger import account_balances
    from payments.models import LedgerTransfer, PaymentIntent

    tenant = tenancy.directory().by_code(code)
    assert tenant is not None
    with tenancy.scope(tenant):
        payments.extend_ledger_chain()
        extend_chain()
        chained = {"audit": verify_chain(), "ledger": payments.verify_ledger_chain()}
        transfers = LedgerTransfer.objects.count()
        report = payments.trial_balance()
        paid = Order.objects.filter(state="paid")
        accounts = [Account(tenant.id, c, "CNY") for c in (Code.GATEWAY, Code.GATEWAY_FEE)]
        sold = OrderLine.objects.filter(order__state="paid").aggregate(n=Sum("quantity"))["n"]
        return {
            "balanced": report.balanced,
            "chains": {name: found.ok for name, found in chained.items()},
            "unchained": transfers - chained["ledger"].checked,
            "problems": [str(found) for found in report.problems],
            "journeys": Counter(Journey.objects.values_list("state", flat=True)),
            "reservations": Counter(Reservation.objects.values_list("state", flat=True)),
            "orders": Counter(Order.objects.values_list("state", flat=True)),
            "intents": Counter(PaymentIntent.objects.values_list("state", flat=True)),
            "groups": OrderGroup.objects.count(),
            "paid_orders": [_public("ord", found) for found in paid.values_list("id", flat=True)],
            "paid_total": sum(order.total for order in paid),
            "charged": sum(account_balances(accounts).values()),
            "sold": int(sold or 0),
            "left": int(sum(Stock.objects.values_list("on_hand", flat=True))),
            "held": int(sum(Stock.objects.values_list("reserved", flat=True))),
            "parked": Delivery.objects.filter(state="parked").count(),
        }


def _public(prefix: str, found: Any) -> str:
    from kernel.ids import public_id

    return public_id(prefix, found)


def main() -> None:
    import django

    django.setup()
    what, *arguments = sys.argv[1:]
    print(json.dumps(open_market(*arguments) if what == "open" else audit(*arguments)))


if __name__ == "__main__":
    main()
