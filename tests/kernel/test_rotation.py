"""Changing the master key: both readable until all is wrapped anew, then the old one can go."""

from typing import Any

import pytest

from kernel import jobs, personal, rotation, seal
from kernel.ids import uuid7
from kernel.records.personal import PersonalKey
from kernel.tenancy import Tenant

OLD, NEW = "old master " * 5, "new master " * 5


@pytest.fixture
def old(settings: Any) -> Any:
    settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_KEY_PREVIOUS = OLD, []
    return settings


def turn(settings: Any) -> None:
    settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_KEY_PREVIOUS = NEW, [OLD]


def test_wrapped_bytes_name_their_key_and_hide_what_is_in_them(old: Any) -> None:
    sealed = seal.wrap(b"private", purpose="t", bound=b"row")
    assert b"private" not in sealed
    assert seal.wrapped_by(sealed) == seal.id_of(OLD) == seal.current_id()
    assert seal.unwrap(sealed, purpose="t", bound=b"row") == b"private"
    assert seal.unwrap(sealed, purpose="t", bound=b"other") is None
    assert seal.unwrap(sealed, purpose="u", bound=b"row") is None
    assert seal.unwrap(sealed[:-1], purpose="t", bound=b"row") is None
    assert seal.unwrap(b"", purpose="t") is None


def test_without_the_master_key_nothing_opens(old: Any) -> None:
    sealed = seal.wrap(b"private", purpose="t")
    old.PERSONAL_DATA_KEY = NEW
    assert seal.unwrap(sealed, purpose="t") is None
    with pytest.raises(RuntimeError, match="PERSONAL_DATA_KEY_PREVIOUS"):
        seal.rewrapped(sealed, purpose="t")
    turn(old)
    anew = seal.rewrapped(sealed, purpose="t")
    assert seal.wrapped_by(anew) == seal.id_of(NEW)
    assert seal.rewrapped(anew, purpose="t") == anew
    old.PERSONAL_DATA_KEY_PREVIOUS = []
    assert seal.unwrap(anew, purpose="t") == b"private"


def test_what_was_wrapped_before_keys_had_ids_still_opens(old: Any) -> None:
    sealed = seal.seal_bytes(seal.derived_key("t", b"row"), b"private")
    assert seal.wrapped_by(sealed) == ""
    turn(old)
    assert seal.unwrap(sealed, purpose="t", bound=b"row") == b"private"
    assert seal.wrapped_by(seal.rewrapped(sealed, purpose="t", bound=b"row")) == seal.id_of(NEW)


def test_rotation_wraps_every_data_key_anew_while_both_are_read(
    tenant: Tenant, old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    texts = {subject: personal.seal(subject, f"phone {subject}") for subject in map(_new, range(5))}
    gone = uuid7()
    personal.seal(gone, "x")
    personal.erase(gone)
    index = personal.blind_index("a@example.com", purpose="email")
    before = dict(PersonalKey.objects.values_list("subject_id", "wrapped"))
    turn(old)
    assert personal.open_(*next(iter(texts.items()))) is not None
    seen: list[tuple[int, int]] = []
    changed = rotation.rotate(lambda done, total: seen.append((done, total)))
    assert changed["kernel.personalkey.wrapped"] == 6  # five people and the index's key
    assert seen[-1] == (7, 7)
    assert rotation.standing() == {seal.id_of(NEW): 6}
    assert rotation.rotate()["kernel.personalkey.wrapped"] == 0
    old.PERSONAL_DATA_KEY_PREVIOUS = []
    personal._index_keys.clear()
    for subject, text in texts.items():
        row = PersonalKey.objects.get(subject_id=subject)
        assert bytes(row.wrapped) != bytes(before[subject])
        assert personal.open_(subject, text) == f"phone {subject}"
    assert personal.erased(gone)
    assert personal.blind_index("a@example.com", purpose="email") == index


def test_a_rotation_that_was_cut_off_goes_on(
    tenant: Tenant, old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    for number in range(6):
        personal.seal(_new(number), "x")
    turn(old)

    def cut(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(cut)
    assert rotation.standing() == {seal.id_of(NEW): 2, seal.id_of(OLD): 4}
    assert rotation.rotate()["kernel.personalkey.wrapped"] == 4


def test_as_a_job(real: Tenant, old: Any) -> None:
    personal.seal(uuid7(), "x")
    turn(old)
    jobs.enqueue("kernel.rotate_keys", unique="rotate")
    jobs.drain()
    assert set(rotation.standing()) == {seal.id_of(NEW)}


def _new(_number: int) -> Any:
    return uuid7()
