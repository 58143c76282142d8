"""HTTP routes; each parses, calls one service, renders."""

from payments.api import balance, intents, payouts, refunds, webhook
from payments.api.routes import routes

__all__ = ["balance", "intents", "payouts", "refunds", "routes", "webhook"]
