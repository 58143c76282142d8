"""The forms of all pages, as people use them and as nobody would: none breaks or acts unasked."""

import pytest

from tests.tenancy.browsing import Visitor
from tests.tenancy.odd_forms import Walk
from tests.tenancy.towns import Towns

# Whose forms are tried in which role; what a guest sees isn't tried again as a buyer.
OWN = {
    "guest": ("/",),
    "buyer": ("/account/", "/orders/", "/cart/", "/checkout/", "/role/"),
    "merchant": ("/merchant/", "/contracts/", "/certificates/"),
    "operator": ("/operator/",),
}
FORMS = {"guest": 15, "buyer": 25, "merchant": 90, "operator": 80}


@pytest.mark.slow
@pytest.mark.parametrize("who", OWN)
def test_forms_hold(towns: Towns, who: str) -> None:
    visitor = Visitor(towns.a, who)
    forms = [
        form
        for form in visitor.forms().values()
        if form.action.removeprefix(visitor.prefix).startswith(OWN[who])
    ]
    assert len(forms) >= FORMS[who]
    walk = Walk(towns, visitor, forms)
    walk.all()
    assert not walk.wrong, "\n".join(walk.wrong)
