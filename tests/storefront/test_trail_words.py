"""Every change that the code writes into the audit trail has words, in both languages."""

import pytest
from django.apps import apps
from django.utils import translation

from journeys import facade as journeys
from kernel.actors import KINDS as ACTORS
from kernel.audit import entries_for
from kernel.ids import public_id
from kernel.jobs import registry
from kernel.states import StatefulModel
from storefront import trail as rows
from storefront.words import jobs, trail
from storefront.words.trail_things import AREAS, CHANGES, THINGS
from storefront.words.trail_verbs import OWN, VERBS
from tests.factories.platforms import make_merchant
from tests.factories.price_lists import make_buyer_group, make_price_list
from tests.storefront.actions import actions


def test_every_action_is_known_and_none_is_left_over() -> None:
    written, known = actions(), set(trail.actions())
    assert len(written) > 400
    missing = {action: where for action, where in written.items() if action not in known}
    assert missing == {}, "name it in words/trail_things.py, its last part in words/trail_verbs.py"
    assert known - set(written) == set()
    assert set(CHANGES) == set(THINGS)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_state_of_every_machine_has_words(language: str) -> None:
    states = {
        (model._meta.label_lower, str(state))
        for model in apps.get_models()
        if issubclass(model, StatefulModel)
        for state in model.TRANSITIONS.states
    }
    assert len({kind for kind, _state in states}) > 40
    states |= {("kernel.webhookendpoint", state) for state in ("enabled", "disabled")}
    states |= {("kernel.delivery", state) for state in ("parked", "pending", "skipped")}
    with translation.override(language):
        told = {(kind, state): rows.state(kind, state) for kind, state in states}
    bare = {one for one, words in told.items() if not words[0].isupper() or "_" in words}
    if language == "zh-hans":
        bare = {
            one for one, words in told.items() if not any("\u4e00" <= c <= "\u9fff" for c in words)
        }
    assert bare == set(), "give it a label, or words in storefront/words that trail.STATES names"


@pytest.mark.usefixtures("platform")
def test_an_import_of_prices_is_told_from_one_of_products() -> None:
    merchant = make_merchant()
    listed = make_price_list(make_buyer_group(merchant.id))
    prices = journeys.upload_import(
        merchant_id=merchant.id, data=b"SKU,price\nA-1,2\n", price_list_id=listed.id
    )
    goods = journeys.upload_import(merchant_id=merchant.id, data=b"SKU,title\nA-1,Tea\n")
    told = {}
    for made in (prices, goods):
        [entry] = entries_for([made.id]).items
        with translation.override("en"):
            told[rows.number(entry)] = trail.change(entry.action)
    assert told == {
        public_id("pli", prices.id): "Import of prices: uploaded",
        public_id("pim", goods.id): "Import of a list: uploaded",
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_action_reads_as_words(language: str) -> None:
    with translation.override(language):
        for action in trail.actions():
            assert trail.change(action) != action, action
            assert trail.known(action)
        assert trail.change("platforms.merchant.approved") == (
            "Merchant: approved" if language == "en" else "商户 · 已批准"
        )
        assert trail.change("tests.odd.thing") == "tests.odd.thing"


def test_no_word_is_left_over() -> None:
    known = set(trail.actions())
    assert set(OWN) - known == set()
    assert set(VERBS) - {action.rpartition(".")[2] for action in known - set(OWN)} == set()
    assert {thing.partition(".")[0] for thing in THINGS} == set(AREAS)


def test_who_acts_and_what_a_job_does() -> None:
    assert set(trail.ACTORS) == set(ACTORS)
    shown = {kind.name for kind in registry.KINDS.values() if kind.every is None}
    assert {name for name in shown if not name.startswith("tests.")} == set(jobs.JOBS)
