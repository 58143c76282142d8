"""Providers that nobody calls are asked something now and then, so that their return is noticed
without a buyer who tries."""

from zoneinfo import ZoneInfo

from kernel import clock
from payments.errors import GatewayNotConfigured
from payments.gateways import bank_transfer, breaker
from payments.services import gateway_account, provider_account

NOBODY = "probe"  # a payment that no provider knows; that it says so is an answer


def probe_away() -> int:
    """Ask each provider whose pause is over; how many were asked. No transaction open."""
    asked = 0
    for name in breaker.due():
        try:
            _ask(name)
        except GatewayNotConfigured:
            breaker.forget(name)  # the platform has given it up
        asked += 1
    return asked


def _ask(name: str) -> None:
    if name == "bank":
        gateway_account.fetch_bank_statement(clock.system().date(), ZoneInfo("UTC"))
    elif name == bank_transfer.NAME:
        provider_account.bank_transfers().credits()
    else:
        gateway_account.gateway_for(name).find(NOBODY)
