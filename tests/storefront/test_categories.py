"""The operator keeps the category tree on pages; old addresses lead to where a category went."""

from catalog import facade as catalog
from kernel.audit import latest_for
from kernel.ids import public_id
from kernel.outbox import drain
from kernel.records.jobs import Job
from kernel.tenancy import Tenant
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, operator, operator_with

LIST = "/operator/categories/"


def page_of(category: catalog.CategoryInfo) -> str:
    return f"{LIST}{public_id('cat', category.id)}/"


def names() -> list[str]:
    return [one.name for one in catalog.every_category(catalog.category_tree("en"))]


def test_made_named_and_put_below(platform: Tenant) -> None:
    desk, food = operator(), make_category(slug="food", names={"zh-Hans": "食品", "en": "Food"})
    assert "Food" in desk.see(LIST).content.decode()
    made = desk.send(LIST, page=LIST, name_0="茶", name_1="Tea", parent=str(food.id), slug="tea")
    assert "Tea" in made.content.decode()
    tea = catalog.category_by_path("food/tea")
    again = desk.send(LIST, page=LIST, name_0="茶", name_1="Tea", parent="", slug="tea")
    assert (again.status_code, "in use" in again.content.decode()) == (422, True)
    nameless = desk.send(LIST, page=LIST, name_0="", name_1="Only English", parent="", slug="")
    assert nameless.status_code == 422
    where = page_of(tea)
    desk.send(where, page=where, name_0="茶叶", name_1="Teas", parent="", slug="teas",
              version=str(tea.version))  # fmt: skip
    tea = catalog.category(tea.id)
    assert (tea.path, tea.names["en"]) == ("teas", "Teas")
    # Somebody else's change meanwhile isn't written over.
    late = desk.send(where, page=where, name_0="乌龙", name_1="Oolong", parent="", slug="teas",
                     version=str(tea.version - 1))  # fmt: skip
    assert (late.status_code, catalog.category(tea.id).names["en"]) == (422, "Teas")


def test_nothing_stands_below_itself(platform: Tenant) -> None:
    desk, food = operator(), make_category(slug="food")
    tea = make_category(slug="tea", parent_id=food.id)
    where = page_of(food)
    assert str(tea.id) not in desk.see(where).content.decode().split('name="parent"')[1]
    refused = desk.send(where, page=where, name_0="食", parent=str(tea.id), slug="food",
                        version=str(food.version))  # fmt: skip
    assert (refused.status_code, catalog.category(food.id).parent_id) == (422, None)


def test_ordered_among_those_beside(platform: Tenant) -> None:
    desk = operator()
    for slug, name in (("a", "Apples"), ("b", "Bread"), ("c", "Corn")):
        make_category(slug=slug, names={"zh-Hans": name, "en": name})
    corn = catalog.category_by_path("c")
    act = f"{page_of(corn)}act/"
    desk.send(act, page=LIST, do="up")
    assert names() == ["Apples", "Corn", "Bread"]
    desk.send(act, page=LIST, do="up")
    desk.send(act, page=LIST, do="up")  # it is the first already
    assert names() == ["Corn", "Apples", "Bread"]
    desk.send(act, page=LIST, do="down")
    assert names() == ["Apples", "Corn", "Bread"]
    moved = [one for one in latest_for(corn.id, limit=20) if one.action.endswith("moved")]
    assert len(moved) == 3  # the second time up changed nothing


def test_the_order_alone_indexes_nothing_anew(platform: Tenant) -> None:
    first = make_category(slug="a", names={"zh-Hans": "甲"})
    make_category(slug="b", names={"zh-Hans": "乙"})
    drain()
    Job.objects.all().delete()
    catalog.move_category(category_id=first.id, by=1)
    drain()
    assert not Job.objects.filter(kind="search.follow").exists()
    catalog.update_category(category_id=first.id, changes={"names": {"zh-Hans": "丙"}})
    drain()
    assert Job.objects.filter(kind="search.follow").exists()


def test_only_an_empty_one_is_removed(platform: Tenant) -> None:
    desk, merchant = operator(), make_merchant()
    full, bare = make_category(slug="full"), make_category(slug="bare")
    make_product(merchant_id=merchant.id, category_id=full.id)
    attribute = catalog.create_attribute(code="grade", kind="text", names={"zh-Hans": "等级"})
    catalog.put_category_attributes(category_id=bare.id, entries=[(attribute.id, True)])
    assert "Only an empty category" in desk.see(page_of(full)).content.decode()
    desk.send(f"{page_of(full)}act/", page=page_of(full), do="remove")
    desk.send(f"{page_of(bare)}act/", page=page_of(bare), do="remove")
    assert [one.slug for one in catalog.every_category(catalog.category_tree())] == ["full"]


def test_an_old_address_leads_to_the_new_one(platform: Tenant) -> None:
    food, drinks = make_category(slug="food"), make_category(slug="drinks")
    tea = make_category(slug="tea", parent_id=food.id)
    catalog.update_category(category_id=tea.id, changes={"parent_id": drinks.id})
    visitor = Browser()
    moved = visitor.get(f"/p/{platform.code}/categories/food/tea/?sort=price")
    assert moved.status_code == 301
    assert moved["Location"].endswith("/categories/drinks/tea/?sort=price")
    assert visitor.see("/categories/food/nothing/").status_code == 404


def test_whoever_may_not_stays_out(platform: Tenant) -> None:
    assert operator_with("orders.see").see(LIST).status_code == 403
    assert operator_with("catalogue").see(LIST).status_code == 200
