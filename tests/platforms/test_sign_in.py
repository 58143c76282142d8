"""Signing in: lockout, no way to learn who exists, sessions, resets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, jobs, mail, tenancy
from kernel.errors import NotFound
from kernel.records.audit import AuditRecord
from kernel.records.jobs import Job
from kernel.tenancy import Tenant
from platforms import facade
from platforms.facade import Role
from platforms.models import PasswordReset, Person, Session, SignInThrottle
from platforms.services.sessions import find_session
from platforms.tasks import tidy
from tests.factories.platforms import PASSWORD, make_merchant, make_person, make_platform
from tests.platforms.test_people import at_once, token_in_last_letter

EMAIL = "fang@people.example"


@pytest.fixture(autouse=True)
def shop(db: None) -> Iterator[Tenant]:
    """A platform whose sign-in locks after three attempts, in scope."""
    tenant = make_platform(blueprint={"sections": {"sign_in": {"attempts": 3}}})
    with tenancy.scope(tenant):
        yield tenant


@pytest.fixture
def person(shop: Tenant) -> facade.PersonInfo:
    return make_person(email=EMAIL, password=PASSWORD)


def try_word(word: str, *, email: str = EMAIL, **fields: Any) -> str:
    """The error's code, or ``in``."""
    try:
        facade.sign_in(email=email, password=word, **fields)
    except (facade.WrongCredentials, facade.TooManyAttempts) as error:
        return error.code.removeprefix("platforms.")
    return "in"


def test_sign_in(person: facade.PersonInfo) -> None:
    session = facade.sign_in(
        email=f" {EMAIL.upper()} ", password=PASSWORD, address="192.0.2.1", user_agent="x" * 500
    )
    assert session.person_id == person.id
    assert session.token not in repr(session)
    row = Session.objects.get()
    assert session.token not in str(row.__dict__)
    found = find_session(session.token)
    assert found is not None
    assert (found.id, found.name) == (person.id, "Wang Fang")
    assert AuditRecord.objects.filter(action="platforms.person.signed_in").count() == 1


def test_lockout_and_its_end(person: facade.PersonInfo) -> None:
    assert [try_word("wrong") for _each in range(3)] == ["wrong_credentials"] * 3
    assert try_word("wrong") == "too_many_attempts"
    assert try_word(PASSWORD) == "too_many_attempts"  # the right one doesn't help now
    with pytest.raises(facade.TooManyAttempts) as caught:
        facade.sign_in(email=EMAIL, password=PASSWORD)
    assert 0 < caught.value.params["retry_after"] <= 900
    with clock.frozen(clock.system() + timedelta(minutes=15, seconds=1)):
        assert try_word(PASSWORD) == "in"


def test_a_success_starts_the_count_afresh(person: facade.PersonInfo) -> None:
    for _round in range(3):
        assert [try_word("wrong"), try_word("wrong")] == ["wrong_credentials"] * 2
        assert try_word(PASSWORD) == "in"


def test_the_window_slides_on(person: facade.PersonInfo) -> None:
    assert [try_word("wrong") for _each in range(3)] == ["wrong_credentials"] * 3
    with clock.frozen(clock.system() + timedelta(minutes=16)):
        assert try_word("wrong") == "wrong_credentials"


def test_nobody_learns_who_exists(person: facade.PersonInfo) -> None:
    nobody = make_person(email="none@people.example")  # no password yet
    disabled = make_person(email="off@people.example", password=PASSWORD)
    facade.disable_person(person_id=disabled.id)
    addresses = [EMAIL, "stranger@people.example", nobody.email, disabled.email]
    for email in addresses:
        word = "wrong" if email == EMAIL else PASSWORD
        outcomes = [try_word(word, email=email) for _each in range(4)]
        assert outcomes == ["wrong_credentials"] * 3 + ["too_many_attempts"], email
    assert EMAIL not in str(list(SignInThrottle.objects.values()))


def test_unknown_people_cost_the_same_work(
    person: facade.PersonInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt hashes one password, whether or not there is one to compare with."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    plain = MD5PasswordHasher.encode

    def counted(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(1)
        return plain(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = []
    for email in (EMAIL, "stranger@people.example", "not an address"):
        hashed.clear()
        assert try_word("wrong", email=email) == "wrong_credentials"
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_network_limit(person: facade.PersonInfo) -> None:
    outcomes = [
        try_word("wrong", email=f"guess{number}@people.example", address="192.0.2.7")
        for number in range(31)
    ]
    assert outcomes == ["wrong_credentials"] * 30 + ["too_many_attempts"]
    assert try_word(PASSWORD, address="192.0.2.8") == "in"


def test_other_platforms_are_not_locked(person: facade.PersonInfo) -> None:
    for _each in range(4):
        try_word("wrong")
    with tenancy.scope(make_platform()):
        make_person(email=EMAIL, password=PASSWORD)
        assert try_word(PASSWORD) == "in"
    assert try_word(PASSWORD) == "too_many_attempts"


def test_sign_in_refuses_to_run_in_a_transaction(person: facade.PersonInfo) -> None:
    from kernel import transactions

    with pytest.raises(RuntimeError, match="transaction"), transactions.atomic():
        facade.sign_in(email=EMAIL, password=PASSWORD)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_all_counted(shop: Tenant) -> None:
    make_person(email=EMAIL, password=PASSWORD)
    outcomes = at_once(8, shop, lambda _n: facade.sign_in(email=EMAIL, password="wrong"))
    assert sorted(outcomes) == ["TooManyAttempts"] * 5 + ["WrongCredentials"] * 3


def test_sessions_end(person: facade.PersonInfo) -> None:
    first = facade.sign_in(email=EMAIL, password=PASSWORD)
    with clock.frozen(clock.system() + timedelta(days=14, seconds=1)):
        assert find_session(first.token) is None
        assert tidy(None)["sessions"] == 1
    second = facade.sign_in(email=EMAIL, password=PASSWORD)
    facade.sign_out(token=second.token)
    assert find_session(second.token) is None
    third = facade.sign_in(email=EMAIL, password=PASSWORD)
    facade.disable_person(person_id=person.id)
    assert find_session(third.token) is None
    assert find_session("") is None


def test_a_session_is_found_by_one_query(
    person: facade.PersonInfo, django_assert_num_queries: Any
) -> None:
    merchant = make_merchant()
    facade.grant_role(person_id=person.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    facade.grant_role(person_id=person.id, role=Role.BUYER)
    session = facade.sign_in(email=EMAIL, password=PASSWORD)
    with django_assert_num_queries(2):  # the session with its roles; the person's data key
        found = find_session(session.token)
    assert found is not None
    assert [m.role for m in found.memberships] == [Role.MERCHANT_OWNER, Role.BUYER]


def test_switching_roles(person: facade.PersonInfo) -> None:
    merchant = make_merchant()
    facade.grant_role(person_id=person.id, role=Role.MERCHANT_STAFF, merchant_id=merchant.id)
    buying = facade.grant_role(person_id=person.id, role=Role.BUYER)
    session = facade.sign_in(email=EMAIL, password=PASSWORD)
    found = find_session(session.token)
    assert found is not None
    assert found.membership is not None
    assert found.membership.merchant_id == merchant.id
    facade.use_role(session_id=found.session_id, membership_id=buying.id)
    again = find_session(session.token)
    assert again is not None
    assert again.membership == buying
    other = make_person(role=Role.OPERATOR)
    with pytest.raises(NotFound):
        facade.use_role(session_id=found.session_id, membership_id=other.memberships[0].id)
    facade.revoke_role(person_id=person.id, role=Role.BUYER)
    fallen_back = find_session(session.token)
    assert fallen_back is not None
    assert fallen_back.membership is not None
    assert fallen_back.membership.role == Role.MERCHANT_STAFF


def test_reset(person: facade.PersonInfo) -> None:
    session = facade.sign_in(email=EMAIL, password=PASSWORD)
    for _each in range(4):
        try_word("wrong")
    facade.request_password_reset(email=EMAIL.upper())
    assert EMAIL not in str(list(Job.objects.values("args")))
    jobs.drain()
    token = token_in_last_letter()
    facade.check_reset(token=token)
    with pytest.raises(facade.InvalidPassword):
        facade.reset_password(token=token, password="short")
    assert facade.reset_password(token=token, password="another long sentence") == person.id
    assert find_session(session.token) is None
    assert try_word("another long sentence") == "in"  # the lockout is over too
    assert try_word(PASSWORD) == "wrong_credentials"
    with pytest.raises(facade.TokenSpent):
        facade.reset_password(token=token, password="a third long sentence")
    with pytest.raises(facade.TokenSpent):
        facade.check_reset(token=token)


def test_a_reset_link_ends_and_a_used_one_ends_the_others(person: facade.PersonInfo) -> None:
    tokens = []
    for _each in range(2):
        facade.request_password_reset(email=EMAIL)
        jobs.drain()
        tokens.append(token_in_last_letter())
    later = clock.system() + timedelta(minutes=61)
    with clock.frozen(later), pytest.raises(facade.TokenSpent):
        facade.reset_password(token=tokens[0], password="another long sentence")
    facade.reset_password(token=tokens[1], password="another long sentence")
    with pytest.raises(facade.TokenSpent):
        facade.reset_password(token=tokens[0], password="a third long sentence")


def test_a_reset_for_nobody_looks_the_same(person: facade.PersonInfo) -> None:
    facade.request_password_reset(email=EMAIL)
    facade.request_password_reset(email="stranger@people.example")
    assert Job.objects.filter(kind="platforms.send_reset").count() == 2
    jobs.drain()
    assert [letter.to for letter in mail.letters().items] == [EMAIL]
    assert PasswordReset.objects.count() == 1
    facade.request_password_reset(email="stranger@people.example")
    facade.request_password_reset(email="stranger@people.example")
    with pytest.raises(facade.TooManyAttempts):
        facade.request_password_reset(email="stranger@people.example")


def test_another_platforms_reset_link(person: facade.PersonInfo) -> None:
    facade.request_password_reset(email=EMAIL)
    jobs.drain()
    token = token_in_last_letter()
    with tenancy.scope(make_platform()):
        make_person(email=EMAIL, password=PASSWORD)
        with pytest.raises(facade.TokenSpent):
            facade.reset_password(token=token, password="another long sentence")
    facade.check_reset(token=token)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_link_clicked_twice_at_once(shop: Tenant) -> None:
    make_person(email=EMAIL, password=PASSWORD)
    facade.request_password_reset(email=EMAIL)
    jobs.drain()
    token = token_in_last_letter()
    outcomes = at_once(
        4,
        shop,
        lambda n: facade.reset_password(token=token, password=f"a long sentence {n}"),
    )
    assert sorted(outcomes) == ["TokenSpent"] * 3 + ["UUID"]


def test_changing_the_password(person: facade.PersonInfo) -> None:
    here, elsewhere = (facade.sign_in(email=EMAIL, password=PASSWORD) for _each in range(2))
    found = find_session(here.token)
    assert found is not None
    fields: dict[str, Any] = {"person_id": person.id, "session_id": found.session_id}
    with pytest.raises(facade.WrongCredentials):
        facade.change_password(current="wrong", new="another long sentence", **fields)
    facade.change_password(current=PASSWORD, new="another long sentence", **fields)
    assert find_session(here.token) is not None
    assert find_session(elsewhere.token) is None
    assert try_word("another long sentence") == "in"


def test_passwords_are_hashed_with_argon2() -> None:
    from config.settings import security

    assert security.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    stored = Person.objects.values_list("password", flat=True).get(
        id=make_person(password=PASSWORD).id
    )
    assert PASSWORD not in stored
