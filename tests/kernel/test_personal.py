"""Personal data: sealed for its subject and platform, gone when the key is."""

import threading
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from kernel import personal, tenancy
from kernel.ids import uuid7
from kernel.personal import SubjectErased
from kernel.records.personal import PersonalKey
from kernel.tenancy import Tenant


def test_sealing_and_opening(tenant: Tenant) -> None:
    subject, other = uuid7(), uuid7()
    text = personal.seal(subject, "13800138000")
    assert "138" not in text
    assert text != personal.seal(subject, "13800138000")
    assert personal.open_(subject, text) == "13800138000"
    personal.seal(other, "x")
    assert personal.open_(other, text) is None
    for broken in ("", "p1.", "p1.xx", text[:-2] + "AA", "plain"):
        assert personal.open_(subject, broken) is None


def test_bytes_are_sealed_the_same_way(tenant: Tenant) -> None:
    subject, other = uuid7(), uuid7()
    sealed = personal.seal_data(subject, b"%PDF 13800138000")
    assert b"138" not in sealed
    assert personal.open_data(subject, sealed) == b"%PDF 13800138000"
    personal.seal(other, "x")
    assert personal.open_data(other, sealed) is None
    assert personal.open_data(uuid7(), sealed) is None
    assert personal.open_data(subject, sealed[:-1]) is None
    personal.erase(subject)
    assert personal.open_data(subject, sealed) is None


def test_another_platform_cannot_open_it(platforms: Any, tenant: Tenant) -> None:
    subject = uuid7()
    text = personal.seal(subject, "secret")
    with tenancy.scope(platforms.add()):
        assert personal.open_(subject, text) is None
        personal.seal(subject, "mine")
        assert personal.open_(subject, text) is None


def test_erasing_is_for_good(tenant: Tenant) -> None:
    subject = uuid7()
    text = personal.seal(subject, "secret")
    assert personal.erase(subject) is True
    assert personal.open_(subject, text) is None
    assert personal.erased(subject)
    assert bytes(PersonalKey.objects.get(subject_id=subject).wrapped) == b""
    with pytest.raises(SubjectErased):
        personal.seal(subject, "again")
    never = uuid7()
    assert personal.erase(never) is False
    with pytest.raises(SubjectErased):
        personal.seal(never, "x")


def test_the_key_itself_is_stored_sealed(tenant: Tenant, settings: Any) -> None:
    subject = uuid7()
    text = personal.seal(subject, "secret")
    settings.PERSONAL_DATA_KEY = "another"
    with pytest.raises(RuntimeError, match="PERSONAL_DATA_KEY"):
        personal.open_(subject, text)


def test_keyring_asks_once_and_forgets(tenant: Tenant, django_assert_num_queries: Any) -> None:
    subject = uuid7()
    text = personal.seal(subject, "secret")
    with personal.keyring():
        with django_assert_num_queries(1):
            personal.open_(subject, text)
            personal.open_(subject, text)
        personal.erase(subject)
        assert personal.open_(subject, text) is None
    with django_assert_num_queries(2):  # outside of one, nothing is kept
        personal.open_(subject, text)
        personal.open_(subject, text)


def test_prefetch_reads_many_keys_at_once(tenant: Tenant, django_assert_num_queries: Any) -> None:
    texts = {subject: personal.seal(subject, str(subject)) for subject in (uuid7(), uuid7())}
    missing = uuid7()
    with personal.keyring(), django_assert_num_queries(1):
        personal.prefetch([*texts, missing])
        for subject, text in texts.items():
            assert personal.open_(subject, text) == str(subject)
        assert personal.open_(missing, next(iter(texts.values()))) is None


def test_a_prefetched_missing_key_can_still_be_made(tenant: Tenant) -> None:
    subject = uuid7()
    with personal.keyring():
        personal.prefetch([subject])
        text = personal.seal(subject, "x")
        assert personal.open_(subject, text) == "x"


@pytest.mark.race
def test_two_at_once_make_one_key(real: Tenant) -> None:
    subject, texts = uuid7(), []
    together = threading.Barrier(4)

    def seal(number: int) -> None:
        with tenancy.scope(real):
            together.wait(10)
            texts.append((number, personal.seal(subject, str(number))))
        connections.close_all()

    threads = [threading.Thread(target=seal, args=(n,)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [personal.open_(subject, text) for _n, text in texts] == [str(n) for n, _t in texts]
    assert PersonalKey.objects.count() == 1


def test_blind_index(platforms: Any, tenant: Tenant) -> None:
    one = personal.blind_index("a@example.com", purpose="email")
    assert one == personal.blind_index("a@example.com", purpose="email")
    assert one != personal.blind_index("b@example.com", purpose="email")
    assert one != personal.blind_index("a@example.com", purpose="phone")
    assert len(one) == 64
    with tenancy.scope(platforms.add()):
        assert one != personal.blind_index("a@example.com", purpose="email")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("张三丰", "张**"),
        ("王", "*"),
        ("13800138000", "138****8000"),
        ("lisi@example.com", "l***@example.com"),
        ("l@example.com", "***@example.com"),
        ("", ""),
        ("1234567", "123*4567"),
    ],
)
def test_mask(value: str, shown: str) -> None:
    assert personal.mask(value) == shown


@given(st.text(st.characters(exclude_characters="*"), min_size=1, max_size=40))
def test_a_mask_always_hides_something(value: str) -> None:
    assert "*" in personal.mask(value)
    assert personal.mask(value) != value
