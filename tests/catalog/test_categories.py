"""The category tree: paths, moves, loops, removal."""

from typing import Any

import pytest

from catalog import facade
from kernel import tenancy
from kernel.errors import Invalid, NotFound
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import make_platform

pytestmark = pytest.mark.django_db


def test_paths_follow_a_move_of_the_branch(platform: Any) -> None:
    food = make_category(slug="food")
    drinks = make_category(slug="drinks")
    tea = make_category(slug="tea", parent_id=food.id)
    green = make_category(slug="green", parent_id=tea.id)
    beside = make_category(slug="tea0", parent_id=food.id)
    facade.update_category(category_id=tea.id, changes={"parent_id": drinks.id})
    assert facade.category(green.id).path == "drinks/tea/green"
    assert facade.category(green.id).version == green.version + 1
    assert facade.category(beside.id).path == "food/tea0"
    facade.update_category(category_id=tea.id, changes={"parent_id": None, "slug": "teas"})
    assert (facade.category(green.id).path, facade.category(green.id).depth) == ("teas/green", 1)


def test_no_loops_and_six_deep(platform: Any) -> None:
    top = make_category(slug="c0")
    last = top
    for n in range(1, 6):
        last = make_category(slug=f"c{n}", parent_id=last.id)
    with pytest.raises(Invalid):
        make_category(parent_id=last.id)
    with pytest.raises(facade.CategoryLoop):
        facade.update_category(category_id=top.id, changes={"parent_id": last.id})
    with pytest.raises(facade.CategoryLoop):
        facade.update_category(category_id=top.id, changes={"parent_id": top.id})
    other = make_category(slug="other")
    with pytest.raises(Invalid):
        facade.update_category(category_id=top.id, changes={"parent_id": other.id})
    assert facade.category(last.id).path == "c0/c1/c2/c3/c4/c5"


def test_the_tree_in_a_language(platform: Any) -> None:
    second = make_category(names={"zh-Hans": "茶叶"}, slug="tea", position=2)
    make_category(names={"zh-Hans": "谷物", "en": "Grain"}, slug="grain", position=1)
    make_category(names={"zh-Hans": "绿茶", "en": "Green"}, slug="green", parent_id=second.id)
    tree = facade.category_tree("en")
    assert [(node.name, [child.name for child in node.children]) for node in tree] == [
        ("Grain", []),
        ("茶叶", ["Green"]),
    ]


def test_only_an_empty_category_goes(platform: Any) -> None:
    top = make_category()
    below = make_category(parent_id=top.id)
    product = make_product(category_id=below.id)
    for category in (top, below):
        with pytest.raises(facade.CategoryInUse):
            facade.remove_category(category_id=category.id)
    facade.update_product(product_id=product.id, changes={"category_id": None})
    facade.remove_category(category_id=below.id)
    with pytest.raises(NotFound):
        facade.category(below.id)


def test_names_and_slugs_are_checked(platform: Any) -> None:
    with pytest.raises(Invalid):
        make_category(names={"en": "Tea"})
    make_category(slug="tea")
    with pytest.raises(facade.SlugTaken):
        make_category(slug="tea")
    with pytest.raises(Invalid):
        make_category(slug="no good")


def test_another_platforms_category_is_absent(platform: Any) -> None:
    with tenancy.scope(make_platform()):
        theirs = make_category(slug="tea")
    with pytest.raises(NotFound):
        facade.category(theirs.id)
    with pytest.raises(facade.CategoryUnknown):
        make_category(parent_id=theirs.id)
    with pytest.raises(facade.CategoryUnknown):
        make_product(category_id=theirs.id)
    make_category(slug="tea")
