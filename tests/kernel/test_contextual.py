"""What Django knows of the request in hand belongs to its context, as it did with Django's own."""

from contextvars import copy_context
from threading import Thread

from django.urls import base, get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.translation import trans_real

from kernel.contextual import Contextual, keep_by_context


def test_threads_have_their_own_and_copies_keep_it() -> None:
    before, seen = get_script_prefix(), []

    def look() -> None:
        seen.append((get_script_prefix(), translation.get_language()))

    try:
        set_script_prefix("/p/here/")
        with translation.override("en"):
            there = copy_context()
        other = Thread(target=look)
        other.start()
        other.join()
        set_script_prefix("/p/later/")
        there.run(look)
    finally:
        set_script_prefix(before)
    assert seen == [("/", "zh-hans"), ("/p/here/", "en")]


def test_what_is_forgotten_is_gone() -> None:
    with translation.override("en"):
        trans_real.deactivate()
        assert translation.get_language() == "zh-hans"
    timezone.activate("Asia/Tokyo")
    assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    timezone.deactivate()
    assert timezone.get_current_timezone() is timezone.get_default_timezone()


def test_they_are_replaced_once() -> None:
    held = [base._prefixes, base._urlconfs, timezone._active, trans_real._active]  # type: ignore[attr-defined]
    assert all(isinstance(one, Contextual) for one in held)
    keep_by_context()
    assert base._prefixes is held[0]  # type: ignore[attr-defined]
