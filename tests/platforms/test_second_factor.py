"""The second factor: enrolment, codes that work once, confirmations for one purpose."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from kernel import clock, tenancy
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from kernel.transactions import atomic
from platforms import facade
from platforms.models import Confirmation, RecoveryCode, SecondFactor
from platforms.services.sessions import find_session
from tests.factories.platforms import (
    PASSWORD,
    api_client,
    code_of,
    enrol,
    make_key,
    make_person,
    make_platform,
)
from tests.platforms.test_people import at_once

SIGN = "certification.contract.sign"
DIGEST = hashlib.sha256(b"the contract").hexdigest()


@pytest.fixture
def person(platform: Tenant) -> facade.PersonInfo:
    return make_person(password=PASSWORD)


def test_rfc_6238_codes(person: facade.PersonInfo) -> None:
    """RFC 6238 appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert pyotp.TOTP(secret).at(seconds) == code


def test_enrolment(person: facade.PersonInfo) -> None:
    for wrong in ("", "not my password"):
        with pytest.raises(facade.WrongCredentials):
            facade.begin_second_factor(person_id=person.id, password=wrong)
    assert not SecondFactor.objects.exists()
    made = facade.begin_second_factor(person_id=person.id, password=PASSWORD)
    assert made.uri.startswith("otpauth://totp/")
    assert made.secret in made.uri
    assert made.qr_svg.startswith("<svg")
    assert made.secret not in repr(made)
    row = SecondFactor.objects.get()
    assert made.secret not in row.secret_sealed
    assert not facade.has_second_factor(person.id)
    with pytest.raises(facade.WrongCode):
        facade.finish_second_factor(person_id=person.id, code="000000x")
    codes = facade.finish_second_factor(person_id=person.id, code=code_of(made.secret))
    assert len(set(codes)) == 10
    assert not set(codes) & set(RecoveryCode.objects.values_list("code_hash", flat=True))
    info = facade.second_factor(person.id)
    assert (info.enrolled, info.recovery_codes_left) == (True, 10)
    with pytest.raises(facade.SecondFactorPresent):
        facade.begin_second_factor(person_id=person.id)
    assert AuditRecord.objects.filter(action="platforms.second_factor.enrolled").exists()


def test_a_code_works_once_and_a_later_one_shuts_out_the_earlier(
    person: facade.PersonInfo,
) -> None:
    factor = enrol(person.id)
    code = factor.code()
    sure = facade.confirm_second_factor(person_id=person.id, code=code, purpose=SIGN, digest=DIGEST)
    assert (sure.method, sure.purpose, sure.used_at) == ("totp", SIGN, None)
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(person_id=person.id, code=code, purpose=SIGN, digest=DIGEST)
    earlier = pyotp.TOTP(factor.secret).at(clock.system() - timedelta(seconds=30))
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(person_id=person.id, code=earlier, purpose=SIGN, digest=DIGEST)


def test_a_code_sent_twice_at_once_is_taken_once(
    transactional_db: None,
) -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        person = make_person(password=PASSWORD)
        factor = enrol(person.id)
        code = factor.code()
        outcomes = at_once(
            4,
            shop,
            lambda _n: facade.confirm_second_factor(
                person_id=person.id, code=code, purpose=SIGN, digest=DIGEST
            ),
        )
        assert Confirmation.objects.count() == 1
        assert sorted(outcomes) == ["ConfirmationInfo"] + 3 * ["WrongCode"]


def test_wrong_codes_lock_for_a_while_even_the_right_one(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    ask: Any = {"person_id": person.id, "purpose": SIGN, "digest": DIGEST}
    for _ in range(5):
        with pytest.raises(facade.WrongCode):
            facade.confirm_second_factor(code="12345", **ask)
    with pytest.raises(facade.TooManyCodes) as locked:
        facade.confirm_second_factor(code=factor.code(), **ask)
    assert locked.value.params["retry_after"] > 60
    with clock.frozen(clock.system() + timedelta(minutes=16)):
        facade.confirm_second_factor(code=code_of(factor.secret), **ask)


def test_confirmations_are_for_one_purpose_object_person_and_use(
    person: facade.PersonInfo,
) -> None:
    factor = enrol(person.id)
    sure = facade.confirm_second_factor(
        person_id=person.id, code=factor.code(), purpose=SIGN, digest=DIGEST
    )
    right: Any = {
        "confirmation_id": sure.id,
        "person_id": person.id,
        "purpose": SIGN,
        "digest": DIGEST,
    }
    other = make_person()
    wrong = ({"person_id": other.id}, {"purpose": "x"}, {"digest": "0" * 64},
             {"confirmation_id": other.id})  # fmt: skip
    for change in wrong:
        with pytest.raises(facade.ConfirmationSpent):
            facade.use_confirmation(**{**right, **change})
    with (
        clock.frozen(clock.system() + timedelta(minutes=6)),
        pytest.raises(facade.ConfirmationSpent),
    ):
        facade.use_confirmation(**right)

    def undone() -> None:
        with atomic():
            facade.use_confirmation(**right)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert facade.use_confirmation(**right).used_at is not None
    with pytest.raises(facade.ConfirmationSpent):
        facade.use_confirmation(**right)


def test_recovery_codes_work_once(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    ask: Any = {"person_id": person.id, "purpose": SIGN, "digest": DIGEST}
    code = factor.recovery_codes[0]
    assert facade.confirm_second_factor(code=code.lower(), **ask).method == "recovery"
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(code=code, **ask)
    assert facade.second_factor(person.id).recovery_codes_left == 9
    fresh = facade.new_recovery_codes(person_id=person.id, code=factor.recovery_codes[1])
    assert facade.second_factor(person.id).recovery_codes_left == 10
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(code=factor.recovery_codes[2], **ask)
    facade.remove_second_factor(person_id=person.id, code=fresh[0])
    assert not facade.has_second_factor(person.id)
    with pytest.raises(facade.SecondFactorMissing):
        facade.confirm_second_factor(code=fresh[1], **ask)
    assert set(SecondFactor.objects.values_list("secret_sealed", flat=True)) == {""}


def test_signing_in_takes_two_steps(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    first = facade.sign_in(email=person.email, password=PASSWORD)
    assert first.awaits_code
    assert find_session(first.token) is None
    assert facade.waiting_for_code(first.token) == person.id
    with pytest.raises(facade.WrongCode):
        facade.finish_sign_in(token=first.token, code="12345")
    session = facade.finish_sign_in(token=first.token, code=factor.code())
    found = find_session(session.token)
    assert found is not None
    assert found.id == person.id
    assert session.token != first.token
    with pytest.raises(facade.TokenSpent):
        facade.finish_sign_in(token=first.token, code=factor.recovery_codes[0])
    with pytest.raises(facade.TokenSpent):
        facade.finish_sign_in(token=session.token, code=factor.recovery_codes[0])


def test_a_waiting_sign_in_ends_after_minutes(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    first = facade.sign_in(email=person.email, password=PASSWORD)
    later = clock.system() + timedelta(minutes=11)
    with clock.frozen(later), pytest.raises(facade.TokenSpent):
        facade.finish_sign_in(token=first.token, code=code_of(factor.secret))


def test_erasing_and_resetting_take_the_factor_away(person: facade.PersonInfo) -> None:
    enrol(person.id)
    facade.reset_second_factor(person_id=person.id, reason="lost phone, seen in person")
    assert not facade.has_second_factor(person.id)
    enrol(person.id)
    facade.erase_person(person_id=person.id)
    assert not facade.has_second_factor(person.id)
    assert RecoveryCode.objects.count() == 0


@pytest.fixture
def strict(db: None) -> Iterator[Tenant]:
    tenant = make_platform(blueprint={"sections": {"sign_in": {"second_factor": "staff"}}})
    with tenancy.scope(tenant):
        yield tenant


def test_a_platform_can_require_it_of_roles(strict: Tenant) -> None:
    person = make_person(role="operator")
    assert facade.must_enrol(person.id, facade.Role.OPERATOR)
    assert facade.must_enrol(person.id, facade.Role.MERCHANT_STAFF)
    assert not facade.must_enrol(person.id, facade.Role.BUYER)
    enrol(person.id)
    assert not facade.must_enrol(person.id, facade.Role.OPERATOR)


def test_over_the_api(transactional_db: None) -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        person = make_person(role="buyer", password=PASSWORD)
        client = api_client(make_key(kind="buyer", person_id=person.id))
        nobody = api_client(make_key(kind="operator"))
        staff = api_client(make_key(kind="operator"))
    assert client.get("/second-factor").json()["enrolled"] is False
    assert nobody.get("/second-factor").status_code == 403
    refused = client.post("/second-factor")
    assert (refused.status_code, refused.json()["code"]) == (401, "platforms.wrong_credentials")
    assert refused.json()["errors"][0]["field"] == "password"
    made = client.post("/second-factor", {"password": PASSWORD}).json()
    wrong = client.post("/second-factor/activate", {"code": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "platforms.wrong_code")
    assert wrong.json()["errors"][0]["field"] == "code"
    codes = client.post("/second-factor/activate", {"code": code_of(made["secret"])}).json()
    body = {"purpose": SIGN, "digest": DIGEST, "code": code_of(made["secret"], ahead=1)}
    sure = client.post("/second-factor/confirmations", body)
    assert sure.status_code == 201, sure.content
    assert sure.json()["purpose"] == SIGN
    again = client.post("/second-factor/confirmations", body)
    assert again.json()["code"] == "platforms.wrong_code"
    body["code"] = codes["recovery_codes"][0]
    assert client.post("/second-factor/confirmations", body).json()["method"] == "recovery"
    path = f"/people/{person.public_id}/second-factor/reset"
    assert staff.post(path, {"reason": "lost"}).json()["enrolled"] is False
