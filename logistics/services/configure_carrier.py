"""Tell the platform how to speak to a carrier."""

from django.conf import settings
from django.utils.translation import gettext as _

from kernel import audit, tenancy
from kernel.personal import open_, seal
from kernel.transactions import atomic
from logistics.errors import NoRate
from logistics.gateways.base import Carrier
from logistics.gateways.http_carrier import HttpCarrier
from logistics.gateways.own_hands import BY_HAND, OwnHands
from logistics.models import CarrierAccount


def configure_carrier(
    *, carrier: str = "sandbox", key: str, callback_secret: str = "", base_url: str = ""
) -> None:
    """Set a carrier's address, key and the secret of its callbacks; secrets are sealed at rest."""
    subject = tenancy.current_id()
    with atomic():
        account = CarrierAccount.objects.select_for_update().filter(carrier=carrier).first()
        account = account or CarrierAccount(carrier=carrier)
        account.base_url = base_url or settings.CARRIER_URL
        account.sealed_key = seal(subject, key)
        account.sealed_secret = seal(subject, callback_secret) if callback_secret else ""
        account.save()
        audit.record(
            action="logistics.carrier.configured",
            target=account,
            before={},
            after={"carrier": carrier, "base_url": account.base_url},
        )


def carrier_for(name: str) -> Carrier:
    """The adapter for a carrier of this platform. Raises NoRate when it isn't set up."""
    if name in BY_HAND:
        return OwnHands(name)
    account = _account(name)
    key = open_(account.platform_id, account.sealed_key)
    return HttpCarrier(base_url=account.base_url, key=key or "")


def callback_secret(name: str) -> str:
    """The secret with which the carrier signs; empty when none is set."""
    account = _account(name)
    return (
        (open_(account.platform_id, account.sealed_secret) or "") if account.sealed_secret else ""
    )


def _account(name: str) -> CarrierAccount:
    found = CarrierAccount.objects.filter(carrier=name).first()
    if found is None:
        raise NoRate(_("The carrier %(name)s isn't set up on this platform.") % {"name": name})
    return found
