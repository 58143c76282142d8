"""The gateway's events: ``/p/<platform>/api/v1/webhooks/gateway``."""

from typing import Any

from kernel.api import ApiRequest, Schema
from payments.api.routes import routes
from payments.errors import GatewayNotConfigured, WebhookRefused
from payments.services import webhook


class GatewayReceived(Schema):
    received: bool


@routes.post(
    "/webhooks/gateway",
    summary="For the payment gateway: signed events",
    audience={"guest", "buyer", "merchant", "operator"},
    permission="public",
    response=GatewayReceived,
    errors=(WebhookRefused, GatewayNotConfigured),
    example={"received": True},
    takes="application/json",
)
def receive_gateway_event(request: ApiRequest) -> dict[str, Any]:
    webhook.take_in(body=request.body, header=request.headers.get("Stripe-Signature", ""))
    return {"received": True}
