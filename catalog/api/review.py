"""The operator's review of products."""

from typing import Any

from catalog.api.render import detail_out
from catalog.api.routes import ProductId, routes
from catalog.api.schemas import DETAIL_EXAMPLE, ProductOut, ProductReasonIn
from catalog.contracts import ProductInfo
from catalog.errors import NotPublishable
from catalog.services import review
from kernel.api import ApiRequest, check_if_match, set_etag
from kernel.errors import InvalidTransition, PreconditionFailed
from platforms.facade import MerchantNotApproved


@routes.post(
    "/products/{product_id}/approve",
    summary="Put a product that waits for the review on sale; If-Match names what was looked at",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(MerchantNotApproved, NotPublishable, InvalidTransition, PreconditionFailed),
    example=DETAIL_EXAMPLE,
)
def approve_product(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    info = review.approve_product(
        product_id=product_id, check=lambda version: check_if_match(request, version)
    )
    return _answer(request, info)


@routes.post(
    "/products/{product_id}/return",
    summary="Give a product back to its merchant with words on what to change",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(InvalidTransition, PreconditionFailed),
    example={**DETAIL_EXAMPLE, "state": "returned"},
    request_example={"reason": "The picture shows another product"},
)
def return_product(
    request: ApiRequest, product_id: ProductId, body: ProductReasonIn
) -> dict[str, Any]:
    info = review.return_product(
        product_id=product_id,
        reason=body.reason,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


def _answer(request: ApiRequest, info: ProductInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return detail_out(request, info)
