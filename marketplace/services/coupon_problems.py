"""Why a code takes nothing off, said to buyers."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.domain.promotions import Problem

PROBLEMS: Mapping[str, str | Promise] = {
    Problem.UNKNOWN: _("There is no such code."),
    Problem.NOT_STARTED: _("This code can't be used yet."),
    Problem.EXPIRED: _("This code is no longer valid."),
    Problem.PAUSED: _("This code can't be used at the moment."),
    Problem.USED_UP: _("This code has been used up."),
    Problem.USED_BEFORE: _("You have used this promotion as often as one buyer may."),
    Problem.NEEDS_ACCOUNT: _("Sign in to use this code: it is limited for each buyer."),
    Problem.NO_GOODS: _("Nothing in the cart is part of this promotion."),
    Problem.BELOW_MINIMUM: _("There isn't enough of its goods in the cart yet."),
    Problem.NOT_COMBINABLE: _("It can't be combined with another promotion of these goods."),
}
