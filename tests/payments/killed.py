"""A process of its own that makes one move of money; ``test_kill`` has it killed.

``python killed.py <platform id> <platform code> <action> <id> <hours ahead>``
"""

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()

from kernel import clock, tenancy
from kernel.tenancy import Tenant
from payments import facade
from payments.facade import RefundShare
from payments.services import reconcile


def refund(intent_id: UUID) -> None:
    intent = facade.intent(intent_id=intent_id)
    share = intent.shares[0]
    part = RefundShare(share.merchant_id, share.reference, share.amount)
    facade.refund_intent(key=intent_id, intent_id=intent_id, shares=[part])


ACTIONS: dict[str, Callable[[UUID], object]] = {
    "confirm": lambda id_: facade.confirm_intent(
        intent_id=id_, payment_method="pm_card_visa", key=id_
    ),
    "cancel": lambda id_: facade.cancel_intent(intent_id=id_),
    "refund": refund,
    "payout": lambda id_: facade.send_payout(payout_id=id_),
    "reconcile": lambda id_: reconcile.reconcile(),
}


def main(platform: str, code: str, action: str, id_: str, hours: str) -> None:
    with (
        tenancy.scope(Tenant(id=UUID(platform), code=code)),
        clock.frozen(clock.system() + timedelta(hours=int(hours))),
    ):
        ACTIONS[action](UUID(id_))


if __name__ == "__main__":
    main(*sys.argv[1:])
