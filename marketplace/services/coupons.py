"""Codes in a cart: entered and taken out."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.transactions import together
from marketplace import locks
from marketplace.contracts import CartOwner, CartView
from marketplace.domain.promotions import Problem
from marketplace.errors import CouponRefused, TooManyCodes
from marketplace.models import CARTS
from marketplace.selectors.carts import view_of
from marketplace.services.carts import CODES_MAX
from marketplace.services.coupon_problems import PROBLEMS

CODE_MAX = 40
# The cart may grow into these, so the code stays in it with the reason beside it.
MAY_STILL = frozenset({Problem.NO_GOODS, Problem.BELOW_MINIMUM, Problem.NOT_STARTED})


def plain_code(code: str) -> str:
    """A code as it is kept: in capitals, without spaces."""
    return "".join(code.split()).upper()


def apply_code(*, cart_id: UUID, owner: CartOwner | None = None, code: str) -> CartView:
    """Enter a code. One that takes nothing off yet stays, with the reason in the view; entered
    again: as it is.

    Raises CouponRefused saying why for one that nothing in this cart can bring about, TooManyCodes,
    CartNotFound.
    """
    wanted = plain_code(code)
    if not wanted or len(wanted) > CODE_MAX:
        raise CouponRefused(PROBLEMS[Problem.UNKNOWN], field="code", coupons=[])
    with together():
        cart = locks.cart(cart_id, owner)
        fresh = wanted not in cart.codes
        if fresh and len(cart.codes) >= CODES_MAX:
            raise TooManyCodes(
                _("At most %(most)s.") % {"most": CODES_MAX}, field="code", limit=CODES_MAX
            )
        if fresh:
            cart.codes = [*cart.codes, wanted]
        view = view_of(cart)
        [mine] = [one for one in view.coupons if one.code == wanted]
        if mine.problem and mine.problem not in MAY_STILL:
            raise CouponRefused(
                PROBLEMS[mine.problem],
                field="code",
                coupons=[{"code": wanted, "problem": mine.problem}],
            )
        if fresh:
            CARTS.update(cart, "codes")
    return view


def remove_code(*, cart_id: UUID, owner: CartOwner | None = None, code: str) -> CartView:
    """Take a code out; one that isn't there: as it is. Raises CartNotFound."""
    wanted = plain_code(code)
    with together():
        cart = locks.cart(cart_id, owner)
        if wanted in cart.codes:
            cart.codes = [one for one in cart.codes if one != wanted]
            CARTS.update(cart, "codes")
    return view_of(cart)
