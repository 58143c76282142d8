"""Links for sellers: a page where they tell what is still due."""

from typing import Any

from sandbox import idents
from sandbox.models import Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation
from sandbox.transport.params import Text, Url

from .. import stored
from . import accounts

MINUTES = 5


@operation(
    "POST",
    "/v1/account_links",
    "account_links.create",
    {"account": Text(required=True, clear=False), "refresh_url": Url(), "return_url": Url()},
)
def create(call: Call) -> dict[str, Any]:
    row = accounts.need(call, call.params["account"], param="account")
    if row.platform_id is None:
        raise GatewayError("Account links are for connected accounts.", param="account")
    token = idents.random(40)
    stored.add(
        call,
        "link",
        "account_link",
        {
            "token": token,
            "return_url": call.get("return_url"),
            "refresh_url": call.get("refresh_url"),
        },
        parent=row.pk,
    )
    return {
        "object": "account_link",
        "created": call.now,
        "expires_at": call.now + MINUTES * 60,
        "url": f"{call.base_url}/_sandbox/onboarding/{token}",
    }


def by_token(token: str) -> Document | None:
    """The link behind the address of its page."""
    return (
        Document.objects.select_related("account")
        .filter(kind="account_link", data__token=token)
        .first()
    )
