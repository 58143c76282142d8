"""Every change that the code writes into the audit trail has words, in both languages."""

import pytest
from django.utils import translation

from kernel.actors import KINDS as ACTORS
from kernel.jobs import registry
from storefront.words import jobs, trail
from storefront.words.trail_things import AREAS, CHANGES, THINGS
from storefront.words.trail_verbs import OWN, VERBS
from tests.storefront.actions import actions


def test_every_action_is_known_and_none_is_left_over() -> None:
    written, known = actions(), set(trail.actions())
    assert len(written) > 400
    missing = {action: where for action, where in written.items() if action not in known}
    assert missing == {}, "name it in words/trail_things.py, its last part in words/trail_verbs.py"
    assert known - set(written) == set()
    assert set(CHANGES) == set(THINGS)


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
