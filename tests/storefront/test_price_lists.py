"""Price lists on pages: made at the desk, taken by a buyer, seen and paid by nobody else."""

from decimal import Decimal

import pytest

from catalog import facade as catalog
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.catalog import make_product
from tests.factories.platforms import make_merchant, make_person
from tests.factories.price_lists import make_buyer_group, make_price_list, secret_of_last_letter
from tests.factories.storefront import (
    PASSWORD,
    Browser,
    buy,
    make_goods,
    operator,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")
DESK = "/merchant/price-lists/"
GROUPS = "/merchant/buyer-groups/"
LIST = {"name_zh": "批发价", "name_en": "Wholesale", "active": "on", "percent": ""}


def test_the_desk_says_what_is_missing() -> None:
    shop = make_merchant()
    anna, tea = owner_of(shop), make_goods(shop, price="20")
    assert "First a group of buyers" in anna.see(DESK + "new/").content.decode()
    assert "No price lists here" in anna.see(DESK).content.decode()
    for wrong in ({"code": "?", "name_en": "x"}, {"code": "vip"}):
        assert anna.send(GROUPS, **wrong).status_code == 422
    anna.send(GROUPS, code="vip", name_en="Restaurants", active="on")
    [group] = marketplace.buyer_groups(merchant_id=shop.id).items
    here = f"{GROUPS}{group.public_id}/"
    assert anna.send(here, do="invite", email="no address").status_code == 422
    given = LIST | {"group": group.public_id, "code": "w", "percent": "100"}
    answer = anna.send(DESK + "new/", **given)
    assert 'id="id_percent_error"' in answer.content.decode()
    for name, wrong_year in (("ends_at", "9999-12-31T23:59"), ("starts_at", "0001-01-01T00:00")):
        answer = anna.send(DESK + "new/", **given | {"percent": "5", name: wrong_year})
        assert f'id="id_{name}_error"' in answer.content.decode()
    anna.send(DESK + "new/", **given | {"percent": "5"})
    [listed] = marketplace.price_lists(merchant_id=shop.id).items
    one = f"{DESK}{listed.public_id}/"
    for lines, told in (
        ("nothing; 5", "Line 1: None of your articles has this number."),
        (f"{tea.product.variants[0].sku}; x", "Line 1: This isn&#x27;t a number."),
        ("/no/where; 5%", "Line 1: There is no such category."),
        (f"{tea.product.variants[0].sku}; 100%", "Line 1: Above 0 and below 100"),
        (tea.product.variants[0].sku, "Line 1: An article number and a price"),
    ):
        answer = anna.send(one, lines=lines)
        assert answer.status_code == 422, lines
        assert told in answer.content.decode(), lines
    told = anna.send(one, lines=f"{tea.product.variants[0].sku}\0; 5").content.decode()
    assert "A null character stands in the text. Send the text without it." in told
    assert marketplace.price_list(list_id=listed.id, merchant_id=shop.id).entries == 0
    [path] = catalog.category_paths([tea.product.category_id or tea.product.id]).values()
    sku = tea.product.variants[0].sku
    anna.send(one, lines=f"{sku}; 15\n{sku}\t12.50\t10\n/{path}, 8%")
    page = anna.see(one).content.decode()
    assert "12.50" in page
    entries = marketplace.price_entries(list_id=listed.id, merchant_id=shop.id).items
    assert {(row.minimum, row.unit_price, row.percent) for row in entries} == {
        (Decimal(0), Decimal(15), None),
        (Decimal(10), Decimal("12.50"), None),
        (Decimal(0), None, Decimal(8)),
    }
    csv = anna.get(anna.prefix + one + "?format=csv")
    rows = b"".join(csv.streaming_content).decode("utf-8-sig").splitlines()[1:]  # type: ignore[attr-defined]
    assert sorted(rows) == sorted([f"{sku},15.00,", f"{sku},12.50,10", f"/{path},8%,"])
    anna.send(one, lines="\n".join(rows))
    assert marketplace.price_list(list_id=listed.id, merchant_id=shop.id).entries == 3
    entries = marketplace.price_entries(list_id=listed.id, merchant_id=shop.id).items
    anna.send(f"{one}entries/{entries[0].public_id}/remove/", page=one)
    assert marketplace.price_list(list_id=listed.id, merchant_id=shop.id).entries == 2
    changed = {key: text for key, text in given.items() if key != "active"}
    anna.send(one + "edit/", **changed | {"percent": "6"})
    assert "Switched off" in anna.see(DESK, active="off", group=group.public_id).content.decode()
    assert anna.send(here + "delete/", page=here).status_code == 200
    assert marketplace.buyer_group(group_id=group.id, merchant_id=shop.id).lists == 1
    anna.send(one + "delete/", page=one)
    anna.send(here + "delete/", page=here)
    assert marketplace.buyer_groups(merchant_id=shop.id).items == []


def test_an_article_may_be_numbered_like_a_category() -> None:
    shop = make_merchant()
    anna, tea = owner_of(shop), make_goods(shop, price="20")
    assert tea.product.category_id
    [path] = catalog.category_paths([tea.product.category_id]).values()
    listed = make_price_list(make_buyer_group(shop.id))
    one = f"{DESK}{listed.public_id}/"
    inputs = [
        catalog.VariantInput(sku=sku, options={"size": sku}, weight_grams=1)
        for sku in ("/7-B", f"/{path}")
    ]
    twin = make_product(merchant_id=shop.id, inputs=inputs)

    def kept() -> set[tuple[object, object]]:
        rows = marketplace.price_entries(list_id=listed.id, merchant_id=shop.id).items
        return {(row.variant_id or row.category_id, row.unit_price or row.percent) for row in rows}

    anna.send(one, lines=f"/7-B; 15\n/{path}; 16\n/{path}/; 8%")
    seven, alike = (variant.id for variant in sorted(twin.variants, key=lambda v: v.sku))
    assert kept() == {(seven, 15), (alike, 16), (tea.product.category_id, 8)}
    csv = anna.get(anna.prefix + one + "?format=csv")
    rows = b"".join(csv.streaming_content).decode("utf-8-sig").splitlines()[1:]  # type: ignore[attr-defined]
    assert sorted(rows) == sorted(["/7-B,15.00,", f"/{path},16.00,", f"/{path}/,8%,"])
    anna.send(one, lines="\n".join(rows))
    assert kept() == {(seven, 15), (alike, 16), (tea.product.category_id, 8)}


def test_an_exported_table_is_taken_again_whatever_the_articles_are_called() -> None:
    shop = make_merchant()
    anna = owner_of(shop)
    skus = ("-10", "A,1", 'A"2')
    inputs = [catalog.VariantInput(sku=sku, options={"size": sku}) for sku in skus]
    variants = make_goods(shop, price="20", inputs=inputs).product.variants
    made = make_price_list(make_buyer_group(shop.id), prices={one.id: "9" for one in variants})
    one = f"{DESK}{made.public_id}/"
    csv = anna.get(anna.prefix + one + "?format=csv")
    rows = b"".join(csv.streaming_content).decode("utf-8-sig").splitlines()[1:]  # type: ignore[attr-defined]
    answer = anna.send(one, lines="\n".join(rows))
    assert answer.status_code == 200, answer.content.decode()
    assert marketplace.price_list(list_id=made.id, merchant_id=shop.id).entries == 3
    assert anna.send(one, lines='"' + "a" * 200_000).status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_invitation_to_the_order(language: str) -> None:
    shop = make_merchant()
    anna, tea = owner_of(shop, language), make_goods(shop, price="20.00", stock=50)
    group = make_buyer_group(shop.id)
    make_price_list(
        group,
        prices={tea.variant_id: "15.33"},
        entries=[
            marketplace.PriceEntryInput(
                variant_id=tea.variant_id, minimum=Decimal(10), unit_price=Decimal("12.44")
            )
        ],
        names={"zh-Hans": "批发价", "en": "Wholesale"},
    )
    here = f"{GROUPS}{group.public_id}/"
    person = make_person(password=PASSWORD, language=language)
    sent = anna.send(here, page=here, do="invite", email=person.email).content.decode()
    assert person.email in sent
    link = f"/groups/{secret_of_last_letter()}/"
    guest = Browser(language)
    assert "sign-in" in guest.see(link).redirect_chain[-1][0]
    guest.send("/cart/add/", variant=tea.variant, quantity="1")
    product = f"/products/{tea.product.slug}/"
    assert "15.33" not in guest.see(product).content.decode()
    buyer = sign_in(person, language)
    assert shop.name(language) in buyer.see(link).content.decode()
    assert marketplace.own_memberships(buyer_id=person.id).items == []
    taken = buyer.send(link, page=link)
    assert taken.redirect_chain[-1][0].endswith("/account/groups/")
    assert buyer.see(link).status_code == 410
    name = "Wholesale" if language == "en" else "批发价"
    own = buyer.see(product).content.decode()
    for text in ("15.33", "20.00", "12.44", name):
        assert text in own, text
    assert '"price": "20.00"' in own.replace('"price":"', '"price": "')  # for search engines
    assert "15.33" in buyer.see("/").content.decode()
    assert "15.33" in buyer.see("/products/").content.decode()
    for page in (product, "/", "/products/"):
        answer = Browser(language).see(page)
        assert "15.33" not in answer.content.decode(), page
        assert "private" in answer["Cache-Control"], page
    done = buy(buyer, tea).content.decode()
    assert name in done
    [order] = marketplace.orders(merchant_id=shop.id).items
    assert order.goods_total.amount == 1533
    for browser, page in (
        (buyer, f"/orders/{public_id('ord', order.id)}/"),
        (anna, f"/merchant/orders/{public_id('ord', order.id)}/"),
    ):
        assert name in browser.see(page).content.decode(), page
    [member] = marketplace.own_memberships(buyer_id=person.id).items
    buyer.send(f"/account/groups/{public_id('gmb', member.id)}/leave/", page="/account/groups/")
    assert "15.33" not in buyer.see(product).content.decode()
    assert person.email not in anna.see(here).content.decode()


def test_others_find_nothing() -> None:
    """Another merchant's desk, an operator who only looks, and who isn't signed in."""
    shop, other = make_merchant(), make_merchant()
    group = make_buyer_group(shop.id, make_person().id)
    listed = make_price_list(group, percent="7")
    stranger = owner_of(other)
    pages = (f"{GROUPS}{group.public_id}/", f"{DESK}{listed.public_id}/")
    for page in pages:
        assert stranger.see(page).status_code == 404
        assert "sign-in" in Browser().see(page).redirect_chain[-1][0]
    stranger.send(pages[0] + "delete/")
    assert marketplace.buyer_group(group_id=group.id, merchant_id=shop.id).lists == 1
    assert listed.names["en"] not in stranger.see(DESK).content.decode()
    desk = operator()
    assert listed.names["en"] in desk.see("/operator/price-lists/").content.decode()
    assert "7 %" in desk.see(f"/operator/price-lists/{listed.public_id}/").content.decode()
