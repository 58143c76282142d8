"""An operator's tuning: draft, published versions, undo, and what of it concerns a query."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.audit.selectors import entries_for
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from search.contracts import Synonym, Terms
from search.domain.folding import fold
from search.domain.tuning import compiled
from search.errors import NothingToPublish
from search.selectors import tuning as selectors
from search.services import merchandising, publishing, tuning
from tests.factories.catalog import make_category, make_product

NOW = datetime(2026, 5, 1, tzinfo=UTC)
RULE: dict[str, Any] = {
    "id": "1", "name": "rule", "kind": "boost", "enabled": True, "match": "exact",
    "queries": ["玉米"], "category_path": "", "product_ids": [], "points": "5",
    "condition": {"brand": ["A"]}, "starts_at": None, "ends_at": None,
}  # fmt: skip


def applied(text: str, *rules: dict[str, Any], category: str = "", at: datetime = NOW) -> Any:
    made = compiled({"rules": [RULE | one for one in rules]}, 1)
    return made.applied(text=text, category=category, at=at)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("  Corn   GRITS ", "corn grits"), ("ＣＯＲＮ", "corn"), ("後臺", "后台"),
     ("a\x00b\ud800", "a b"), ("x" * 300, "x" * 100), ("\u200b", "")],
)  # fmt: skip
def test_queries_are_compared_without_case_width_or_script(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("rule", "text", "holds"),
    [
        ({}, "玉米", True),
        ({}, "玉米面", False),
        ({"match": "contains"}, "二等玉米", True),
        ({"match": "contains", "queries": ["corn"]}, "Corn grits", True),
        ({"match": "contains", "queries": ["corn"]}, "corner", False),
        ({"match": "any", "queries": []}, "anything", True),
        ({"enabled": False}, "玉米", False),
        ({"starts_at": "2026-05-02T00:00:00+00:00"}, "玉米", False),
        ({"ends_at": "2026-05-01T00:00:00+00:00"}, "玉米", False),
        ({"ends_at": "2026-05-01T00:00:01+00:00"}, "玉米", True),
        ({"category_path": "grain"}, "玉米", False),
    ],
)
def test_a_rule_holds_for_its_queries_and_times(
    rule: dict[str, Any], text: str, holds: bool
) -> None:
    assert bool(applied(text, rule).boosts) is holds


def test_a_rule_of_a_category_holds_below_it() -> None:
    rule = {"category_path": "grain", "queries": [], "match": "exact"}
    assert applied("", rule, category="grain/corn").boosts
    assert not applied("", rule, category="grains").boosts


def test_pins_win_over_buries_and_bury_takes_points_off() -> None:
    found = applied(
        "玉米",
        {"kind": "pin", "product_ids": ["prd_1", "prd_2"], "condition": {}},
        {"kind": "pin", "product_ids": ["prd_2", "prd_3"], "condition": {}},
        {"kind": "bury", "product_ids": ["prd_1", "prd_9"], "condition": {"brand": ["B"]}},
    )
    assert found.pins == ("prd_1", "prd_2", "prd_3")
    assert found.buries == ("prd_9",)
    [boost] = found.boosts
    assert boost.points == -5
    assert boost.filters == (Terms("brand", ("B",)),)


def test_synonyms_go_by_the_script_of_the_query() -> None:
    content = {
        "synonyms": [
            {"language": "zh", "source": "", "terms": ["玉米", "苞米"], "enabled": True},
            {"language": "en", "source": "maize", "terms": ["corn"], "enabled": True},
        ]
    }
    made = compiled(content, 3)
    assert made.applied(text="苞米", at=NOW).synonyms == (Synonym(("玉米", "苞米")),)
    assert made.applied(text="maize", at=NOW).synonyms == (Synonym(("maize",), ("corn",)),)
    assert made.applied(text="maize", at=NOW).number == 3


@pytest.mark.usefixtures("platform")
class TestDraft:
    def test_acts_once_published_and_can_be_taken_back(self) -> None:
        product = public_id("prd", make_product().id)
        rule = merchandising.create_rule(
            name="Pin", kind="pin", queries=["玉米"], product_ids=[product]
        )
        assert tuning.applied(text="玉米").pins == ()
        assert tuning.applied(text="玉米", draft_too=True).pins == (product,)
        assert [one.change for one in selectors.draft().differences] == ["added"]
        first = publishing.publish(note="first")
        assert (first.number, first.current) == (1, True)
        assert tuning.applied(text="玉米").pins == (product,)
        assert selectors.draft().differences == ()
        with pytest.raises(NothingToPublish):
            publishing.publish()

        merchandising.remove_rule(rule_id=rule.id)
        merchandising.create_synonym(language="zh", terms=["玉米", "苞米"])
        publishing.publish(note="second")
        assert tuning.applied(text="玉米").pins == ()
        third = publishing.restore(number=1)
        assert (third.number, third.restored_from) == (3, 1)
        assert tuning.applied(text="玉米").pins == (product,)
        assert selectors.rule(rule.id).name == "Pin"
        assert selectors.synonyms().items == []
        assert selectors.draft().differences == ()
        assert [one.number for one in selectors.versions().items] == [3, 2, 1]

    def test_is_discarded_back_to_what_is_published(self) -> None:
        merchandising.set_weights(weights={"signals": {"in_stock": "2"}})
        publishing.publish()
        kept = merchandising.create_synonym(language="en", source="maize", terms=["corn"])
        merchandising.set_weights(weights={})
        assert len(selectors.draft().differences) == 2
        after = publishing.discard()
        assert after.differences == ()
        assert after.weights == {"signals": {"in_stock": "2"}}
        with pytest.raises(NotFound):
            selectors.synonym(kept.id)

    def test_every_change_is_in_the_audit_trail(self) -> None:
        made = merchandising.create_redirect(queries=["帮助"], target="/products/")
        merchandising.update_redirect(redirect_id=made.id, changes={"target": "/cart/"})
        merchandising.remove_redirect(redirect_id=made.id)
        found = [one.action for one in entries_for([made.id]).items]
        assert sorted(found) == [
            "search.redirect.changed", "search.redirect.created", "search.redirect.removed",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"kind": "pin", "queries": ["x"]}, "product_ids"),
            ({"kind": "pin", "queries": ["x"], "product_ids": ["prd_no"]}, "product_ids.0"),
            ({"kind": "pin", "match": "any", "product_ids": ["prd_no"]}, "match"),
            ({"kind": "boost", "queries": ["x"], "points": 5}, "condition"),
            ({"kind": "boost", "queries": ["x"], "condition": {"brand": ["A"]}}, "points"),
            ({"kind": "boost", "queries": [], "condition": {"brand": ["A"]}}, "queries"),
            ({"kind": "boost", "queries": ["x"], "condition": {"no": ["A"]}, "points": 1},
             "condition.no"),
            ({"kind": "boost", "queries": [" "], "condition": {"brand": ["A"]}, "points": 1},
             "queries"),
            ({"kind": "boost", "queries": ["x"], "category_path": "no/such", "points": 1},
             "category_path"),
            ({"kind": "boost", "queries": ["x"], "condition": {"brand": ["A"]}, "points": 1,
              "starts_at": NOW, "ends_at": NOW}, "ends_at"),
        ],
    )  # fmt: skip
    def test_refuses_what_makes_no_sense(self, values: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as found:
            merchandising.create_rule(name="x", **values)
        assert [one.field for one in found.value.problems] == [field]

    def test_refuses_products_that_are_not_there(self) -> None:
        gone = public_id("prd", uuid7())
        with pytest.raises(Invalid) as found:
            merchandising.create_rule(name="x", kind="pin", queries=["x"], product_ids=[gone])
        assert found.value.problems[0].field == "product_ids.0"

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "/\\evil", "cart", "/a b", ""]
    )
    def test_redirects_stay_on_the_platform(self, target: str) -> None:
        with pytest.raises(Invalid):
            merchandising.create_redirect(queries=["x"], target=target)

    @pytest.mark.parametrize(
        ("weights", "field"),
        [({"signals": {"no": "1"}}, "signals.no"), ({"phrase": "99"}, "phrase"),
         ({"buckets": {"title": "-1"}}, "buckets.title"), ({"pinyin": "NaN"}, "pinyin")],
    )  # fmt: skip
    def test_weights_have_bounds(self, weights: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as found:
            merchandising.set_weights(weights=weights)
        assert found.value.problems[0].field == field

    def test_a_rule_of_a_category_takes_its_path(self) -> None:
        category = make_category()
        made = merchandising.create_rule(
            name="Season", kind="boost", match="any", category_path=category.slug,
            condition={"attributes.grade": ["二等"]}, points=20,
            starts_at=clock.business() - timedelta(days=1),
        )  # fmt: skip
        publishing.publish()
        assert made.category_path == category.path
        assert tuning.applied(text="", category=category.path).boosts
        assert not tuning.applied(text="").boosts
