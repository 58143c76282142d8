"""The operator makes attributes and sets, the merchant fills them in, the buyer reads them."""

from catalog import facade as catalog
from kernel.ids import public_id
from kernel.tenancy import Tenant
from tests.factories.catalog import make_category
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods, operator, owner_of


def test_made_set_filled_in_and_shown(platform: Tenant) -> None:
    desk, category = operator(), make_category()
    form = {"code": "kind", "kind": "choice", "name_0": "茶类", "name_1": "Kind of tea",
            "values": "green: 绿茶 | Green\nblack: 红茶 | Black", "facet": "on"}  # fmt: skip
    new = "/operator/attributes/new/"
    wrong = desk.send(new, page=new, **{**form, "values": ""})
    assert (wrong.status_code, b"names its allowed values" in wrong.content) == (422, True)
    assert "Kind of tea" in desk.send(new, page=new, **form).content.decode()
    path = f"/operator/attributes/sets/{public_id('cat', category.id)}/"
    assert "Kind of tea" in desk.see(path).content.decode()
    desk.send(path, page=path, kind="required")
    [entry] = catalog.of_category(category.id)
    assert entry.required
    one = f"/operator/attributes/{public_id('atr', entry.attribute.id)}/"
    assert "green: 绿茶 | Green" in desk.see(one).content.decode()

    merchant = make_merchant()
    goods = make_goods(merchant, attributes={"kind": "green"}, category_id=category.id)
    shop = owner_of(merchant)
    edit = f"/merchant/products/{public_id('prd', goods.product.id)}/"
    page = shop.see(edit).content.decode()
    assert 'name="attribute_kind"' in page
    assert "Required to publish." in page
    bought = Browser().see(f"/products/{goods.product.slug}/").content.decode()
    assert "<dt>Kind of tea</dt><dd>Green</dd>" in bought
