"""Passkeys: added, used to sign in and to confirm, removed; and every answer that isn't right."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, mail, personal, tenancy
from kernel.errors import NotFound
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from platforms import facade, privacy
from platforms.models import (
    Confirmation,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SecondFactor,
)
from platforms.services import passkey_answers
from platforms.services.sessions import find_session
from tests.factories.passkeys import SITE, TESTSERVER, Device, add_passkey, proof_of
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

OTHER = facade.PasskeySite("other.example", "https://other.example")
IN: Any = {"site": SITE, "holder": "browser"}


@pytest.fixture
def person(platform: Tenant) -> facade.PersonInfo:
    return make_person(password=PASSWORD)


def letters() -> list[str]:
    return [one.template for one in mail.letters(limit=20).items]


def sign_in(device: Device, **otherwise: Any) -> facade.NewSession:
    options = facade.ask_passkey_to_sign_in(**IN)
    return facade.sign_in_with_passkey(answer=device.sign(options, **otherwise), **IN)


def test_added_and_signed_in_with(person: facade.PersonInfo) -> None:
    device, added = add_passkey(person.id, name="  Fang's   phone ")
    assert added.passkey.name == "Fang's phone"
    assert len(set(added.recovery_codes)) == 10
    row = Passkey.objects.get()
    assert "Fang" not in row.__dict__["name"]
    session = sign_in(device)
    assert not session.awaits_code
    found = find_session(session.token)
    assert found is not None
    assert found.id == person.id
    [listed] = facade.passkeys_of(person.id)
    assert listed.last_used_at is not None
    assert listed.host == "market.example"
    assert letters() == ["platforms/passkey_added"]
    done = AuditRecord.objects.filter(action__startswith="platforms.p").values_list(
        "action", flat=True
    )
    assert {"platforms.passkey.added", "platforms.person.signed_in"} <= set(done)


def test_options_ask_for_a_verified_user_and_no_second_key(person: facade.PersonInfo) -> None:
    device, added = add_passkey(person.id)
    code = added.recovery_codes[0]
    made = facade.begin_passkey(person_id=person.id, password=PASSWORD, code=code, **IN)
    assert made["rp"]["id"] == "market.example"
    chosen = made["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert len(made["excludeCredentials"]) == 1
    asked = facade.ask_passkey_to_sign_in(**IN)
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    with pytest.raises(facade.PasskeyPresent):
        facade.finish_passkey(person_id=person.id, name="again", answer=device.make(made), **IN)


def test_adding_needs_password_and_code_of_who_has_one(person: facade.PersonInfo) -> None:
    with pytest.raises(facade.WrongCredentials):
        add_passkey(person.id, password="wrong " * 3)
    factor = enrol(person.id)
    with pytest.raises(facade.WrongCode):
        add_passkey(person.id)
    _device, added = add_passkey(person.id, code=factor.code())
    assert added.recovery_codes == ()  # those of the app stay
    with pytest.raises(facade.PasskeysImpossible):
        add_passkey(person.id, Device(facade.PasskeySite("127.0.0.1", "http://127.0.0.1:8000")))


def test_second_step_and_confirmations(person: facade.PersonInfo) -> None:
    device, _added = add_passkey(person.id)
    first = facade.sign_in(email=person.email, password=PASSWORD)
    assert first.awaits_code
    code = proof_of(person.id, device)
    session = facade.finish_sign_in(token=first.token, code=code)
    assert find_session(session.token) is not None
    ask: Any = {"person_id": person.id, "purpose": "test", "digest": "0" * 64}
    with pytest.raises(facade.WrongCode):  # a proof works once
        facade.confirm_second_factor(code=code, **ask)
    sure = facade.confirm_second_factor(code=proof_of(person.id, device), **ask)
    assert sure.method == "passkey"
    assert Confirmation.objects.get().passkey_id == Passkey.objects.get().id
    stranger = make_person(password=PASSWORD)
    enrol(stranger.id)
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(
            code=proof_of(person.id, device), **ask | {"person_id": stranger.id}
        )
    late = proof_of(person.id, device)
    with (
        clock.frozen(clock.system() + timedelta(minutes=6)),
        pytest.raises(facade.WrongCode),
    ):
        facade.confirm_second_factor(code=late, **ask)


BAD: dict[str, tuple[Callable[[Device, dict[str, Any]], str], type[Exception]]] = {
    "another origin": (
        lambda device, asked: device.sign(asked, origin="https://evil.example"),
        facade.PasskeyRefused,
    ),
    "another port": (
        lambda device, asked: device.sign(asked, origin="https://market.example:8443"),
        facade.PasskeyRefused,
    ),
    "a question never asked": (
        lambda device, asked: device.sign(asked, challenge="AAAA"),
        facade.ChallengeSpent,
    ),
    "an answer to another kind": (
        lambda device, asked: device.sign(asked, type="webauthn.create"),
        facade.PasskeyRefused,
    ),
    "a user not verified": (
        lambda device, asked: Device(
            verifies=False, credential_id=device.credential_id, key=device.key, user=device.user
        ).sign(asked),
        facade.PasskeyRefused,
    ),
    "a key that nobody knows": (lambda device, asked: Device().sign(asked), facade.PasskeyRefused),
    "another key under the same id": (
        lambda device, asked: Device(credential_id=device.credential_id, count=5).sign(asked),
        facade.PasskeyRefused,
    ),
    "another person's handle": (
        lambda device, asked: Device(
            credential_id=device.credential_id, key=device.key, user=b"x" * 16
        ).sign(asked),
        facade.PasskeyRefused,
    ),
    "no JSON": (lambda device, asked: "{", facade.PasskeyRefused),
    "nothing": (lambda device, asked: '{"response": {}}', facade.PasskeyRefused),
    "too much": (lambda device, asked: "x" * 30_000, facade.PasskeyRefused),
}


@pytest.mark.parametrize("what", BAD)
def test_a_wrong_answer_opens_nothing(person: facade.PersonInfo, what: str) -> None:
    device, _added = add_passkey(person.id)
    make, error = BAD[what]
    asked = facade.ask_passkey_to_sign_in(**IN)
    with pytest.raises(error):
        facade.sign_in_with_passkey(answer=make(device, asked), **IN)
    assert sign_in(device).person_id == person.id


def test_a_question_is_answered_once_soon_and_by_whom_it_was_put_to(
    person: facade.PersonInfo,
) -> None:
    device, _added = add_passkey(person.id)
    asked = facade.ask_passkey_to_sign_in(**IN)
    answer = device.sign(asked)
    elsewhere: Any = {"site": SITE, "holder": "another browser"}
    other_host: Any = {"site": OTHER, "holder": "browser"}
    for where in (elsewhere, other_host):
        with pytest.raises(facade.ChallengeSpent):
            facade.sign_in_with_passkey(answer=answer, **where)
    facade.sign_in_with_passkey(answer=answer, **IN)
    with pytest.raises(facade.ChallengeSpent):
        facade.sign_in_with_passkey(answer=answer, **IN)
    spent = facade.ask_passkey_to_sign_in(**IN)
    with pytest.raises(facade.PasskeyRefused):
        facade.sign_in_with_passkey(answer=device.sign(spent, origin="https://evil.example"), **IN)
    with pytest.raises(facade.ChallengeSpent):  # a wrong answer spends it, too
        facade.sign_in_with_passkey(answer=device.sign(spent), **IN)
    late = facade.ask_passkey_to_sign_in(**IN)
    with (
        clock.frozen(clock.system() + timedelta(minutes=6)),
        pytest.raises(facade.ChallengeSpent),
    ):
        facade.sign_in_with_passkey(answer=device.sign(late), **IN)
    proving = facade.ask_to_prove(person_id=person.id, **IN)
    with pytest.raises(facade.ChallengeSpent):  # what was asked to confirm signs nobody in
        facade.sign_in_with_passkey(answer=device.sign(proving), **IN)
    assert passkey_answers.forget_challenges(clock.system() + timedelta(hours=1)) > 0
    assert PasskeyChallenge.objects.count() == 0


def test_an_answer_sent_twice_at_once_signs_in_once(transactional_db: None) -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        person = make_person(password=PASSWORD)
        device, _added = add_passkey(person.id)
        answer = device.sign(facade.ask_passkey_to_sign_in(**IN))
        outcomes = at_once(3, shop, lambda _n: facade.sign_in_with_passkey(answer=answer, **IN))
    assert sorted(outcomes) == ["ChallengeSpent", "ChallengeSpent", "NewSession"]


def test_a_passkey_of_another_platform_at_the_same_host(person: facade.PersonInfo) -> None:
    device, _added = add_passkey(person.id)
    with tenancy.scope(make_platform()):
        make_person(password=PASSWORD)
        asked = facade.ask_passkey_to_sign_in(**IN)
        with pytest.raises(facade.PasskeyRefused):
            facade.sign_in_with_passkey(answer=device.sign(asked), **IN)
    assert sign_in(device).person_id == person.id


def test_a_passkey_of_another_host(person: facade.PersonInfo) -> None:
    add_passkey(person.id, Device(OTHER))
    with pytest.raises(facade.NoPasskey):
        facade.ask_to_prove(person_id=person.id, **IN)
    assert facade.credentials_at(person.id, "market.example") == []


def test_a_copy_is_noticed_by_its_count(person: facade.PersonInfo) -> None:
    device, added = add_passkey(person.id)
    copy = Device(
        credential_id=device.credential_id, key=device.key, user=device.user, count=device.count
    )
    sign_in(device)
    sign_in(device)
    with pytest.raises(facade.PasskeySuspended):
        sign_in(copy)
    with pytest.raises(facade.PasskeySuspended):  # nor does the true one, which can't be told
        sign_in(device)
    assert letters()[0] == "platforms/passkey_suspended"
    assert facade.has_second_factor(person.id), "a password alone isn't enough again"
    with pytest.raises(facade.NoPasskey):
        facade.ask_to_prove(person_id=person.id, **IN)
    [row] = facade.passkeys_of(person.id)
    assert row.state == "suspended"
    facade.remove_passkey(person_id=person.id, passkey_id=row.id, code=added.recovery_codes[0])
    assert not facade.has_second_factor(person.id)


def test_devices_that_do_not_count(person: facade.PersonInfo) -> None:
    device, _added = add_passkey(person.id, Device(counts=False))
    assert sign_in(device).person_id == sign_in(device).person_id == person.id


def test_removed_and_renamed(person: facade.PersonInfo) -> None:
    device, added = add_passkey(person.id)
    one = added.passkey
    stranger = make_person(password=PASSWORD)
    theirs: Any = {"person_id": stranger.id, "passkey_id": one.id}
    with pytest.raises(NotFound):
        facade.rename_passkey(name="mine", **theirs)
    with pytest.raises(NotFound):
        facade.remove_passkey(code="1", **theirs)
    assert facade.rename_passkey(person_id=person.id, passkey_id=one.id, name="Key").name == "Key"
    with pytest.raises(facade.WrongCode):
        facade.remove_passkey(person_id=person.id, passkey_id=one.id, code="123456")
    kept = proof_of(person.id, device)
    asked = facade.ask_passkey_to_sign_in(**IN)
    facade.remove_passkey(person_id=person.id, passkey_id=one.id, code=proof_of(person.id, device))
    with pytest.raises(facade.PasskeyRefused):
        facade.sign_in_with_passkey(answer=device.sign(asked), **IN)
    with pytest.raises(facade.SecondFactorMissing):
        facade.confirm_second_factor(
            person_id=person.id, code=kept, purpose="test", digest="0" * 64
        )
    row = Passkey.objects.get()
    assert (bytes(row.public_key), row.credential_hash, row.name) == (b"", "", "")
    assert RecoveryCode.objects.count() == 0
    assert letters()[0] == "platforms/passkey_removed"
    add_passkey(person.id, device)  # the same device may come back


def test_the_last_factor_of_who_must_have_one_stays(platform: Tenant) -> None:
    facade.change_settings(settings={"sign_in": {"second_factor": "operators"}})
    boss = make_person(role="operator", password=PASSWORD)
    assert facade.must_enrol(boss.id, facade.Role.OPERATOR)
    device, added = add_passkey(boss.id)
    assert not facade.must_enrol(boss.id, facade.Role.OPERATOR)
    with pytest.raises(facade.LastFactor):
        facade.remove_passkey(
            person_id=boss.id, passkey_id=added.passkey.id, code=added.recovery_codes[0]
        )
    factor = enrol(boss.id, code=proof_of(boss.id, device))
    facade.remove_passkey(
        person_id=boss.id, passkey_id=added.passkey.id, code=factor.recovery_codes[0]
    )
    with pytest.raises(facade.NoPasskey):
        proof_of(boss.id, device)


def test_of_the_last_two_removed_at_once_one_stays(transactional_db: None) -> None:
    shop = make_platform(blueprint={"sections": {"sign_in": {"second_factor": "operators"}}})
    with tenancy.scope(shop):
        boss = make_person(role="operator", password=PASSWORD)
        _device, first = add_passkey(boss.id)
        codes = first.recovery_codes
        _device, second = add_passkey(boss.id, code=codes[0])
        both = (first.passkey.id, second.passkey.id)
        outcomes = at_once(
            2,
            shop,
            lambda n: facade.remove_passkey(
                person_id=boss.id, passkey_id=both[n], code=codes[n + 1]
            ),
        )
        assert sorted(outcomes) == ["LastFactor", "NoneType"]
        assert len(facade.passkeys_of(boss.id)) == 1


def test_app_and_passkey_beside_each_other(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    device, _added = add_passkey(person.id, code=factor.code())
    info = facade.second_factor(person.id)
    assert (info.enrolled, info.passkeys, info.recovery_codes_left) == (True, 1, 10)
    assert info.app_since is not None
    facade.remove_second_factor(person_id=person.id, code=proof_of(person.id, device))
    info = facade.second_factor(person.id)
    assert (info.enrolled, info.app_since, info.recovery_codes_left) == (True, None, 10)
    with pytest.raises(facade.SecondFactorMissing):
        facade.remove_second_factor(person_id=person.id, code=factor.recovery_codes[0])
    facade.begin_second_factor(person_id=person.id, code=proof_of(person.id, device))


def test_an_open_session_alone_adds_no_app_to_a_passkey(person: facade.PersonInfo) -> None:
    begun = facade.begin_second_factor(person_id=person.id, password=PASSWORD)
    device, added = add_passkey(person.id)
    with pytest.raises(facade.SecondFactorMissing):
        facade.finish_second_factor(person_id=person.id, code=code_of(begun.secret))
    for wrong in ("", "000000"):
        with pytest.raises(facade.WrongCode):
            facade.begin_second_factor(person_id=person.id, code=wrong)
    info = facade.second_factor(person.id)
    assert (info.app_since, info.recovery_codes_left) == (None, 10)
    made = facade.begin_second_factor(person_id=person.id, code=added.recovery_codes[0])
    facade.finish_second_factor(person_id=person.id, code=code_of(made.secret))
    assert facade.second_factor(person.id).app_since is not None
    assert proof_of(person.id, device)


def test_recovery_codes_from_before_there_were_passkeys(person: facade.PersonInfo) -> None:
    factor = enrol(person.id)
    app = SecondFactor.objects.get()
    old = personal.blind_index(f"{app.id}:{'A' * 16}", purpose="platforms.recovery")
    RecoveryCode.objects.all().delete()
    RecoveryCode(factor=app, code_hash=old).save(force_insert=True)
    assert facade.second_factor(person.id).recovery_codes_left == 1
    ask: Any = {"person_id": person.id, "purpose": "test", "digest": "0" * 64}
    assert facade.confirm_second_factor(code="AAAA-AAAA-AAAA-AAAA", **ask).method == "recovery"
    with pytest.raises(facade.WrongCode):
        facade.confirm_second_factor(code="AAAA-AAAA-AAAA-AAAA", **ask)
    _device, added = add_passkey(person.id, code=factor.code())
    assert len(added.recovery_codes) == 10, "none was left"


def test_reset_erasure_and_the_copy_of_ones_data(person: facade.PersonInfo) -> None:
    device, _added = add_passkey(person.id, name="Fang's phone")
    [kept] = privacy.passkeys(person.id)
    assert kept["name"] == "Fang's phone"
    facade.reset_second_factor(person_id=person.id, reason="lost, seen in person")
    assert not facade.has_second_factor(person.id)
    assert letters()[0] == "platforms/passkey_removed"
    add_passkey(person.id, device)
    asked = facade.ask_passkey_to_sign_in(**IN)
    facade.erase_person(person_id=person.id)
    assert not facade.has_second_factor(person.id)
    assert RecoveryCode.objects.count() == 0
    with pytest.raises(facade.PasskeyRefused):
        facade.sign_in_with_passkey(answer=device.sign(asked), **IN)


def test_disabled_people_do_not_come_in(person: facade.PersonInfo) -> None:
    device, _added = add_passkey(person.id)
    facade.disable_person(person_id=person.id, reason="left")
    with pytest.raises(facade.PasskeyRefused):
        sign_in(device)


def test_over_the_api(transactional_db: None) -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        person = make_person(role="buyer", password=PASSWORD)
        client = api_client(make_key(kind="buyer", person_id=person.id))
    device = Device(TESTSERVER)
    assert client.get("/passkeys").json() == {"data": []}
    asked = client.post("/passkeys/options", {"password": PASSWORD}).json()["options"]
    body = {"name": "Phone", "credential": device.make(asked)}
    made = client.post("/passkeys", body)
    assert made.status_code == 201, made.content
    one = made.json()["passkey"]
    assert (one["host"], len(made.json()["recovery_codes"])) == ("testserver", 10)
    assert client.post("/passkeys", body).json()["code"] == "platforms.challenge_spent"
    renamed = client.put(f"/passkeys/{one['id']}", {"name": "Key"}).json()
    assert renamed["name"] == "Key"
    asked = client.post("/passkeys/challenges").json()["options"]
    proof = client.post("/passkeys/proofs", {"credential": device.sign(asked)}).json()
    sure = client.post(
        "/second-factor/confirmations",
        {"code": proof["code"], "purpose": "test.thing", "digest": "0" * 64},
    )
    assert sure.json()["method"] == "passkey", sure.content
    assert client.get("/second-factor").json()["passkeys"] == 1
    assert client.post("/second-factor").json()["code"] == "platforms.wrong_code"
    wrong = client.post("/second-factor", {"code": "123456"})
    assert wrong.json()["code"] == "platforms.wrong_code"
    code = made.json()["recovery_codes"][1]
    assert client.post("/second-factor", {"code": code}).status_code == 201
    wrong = client.post(f"/passkeys/{one['id']}/remove", {"code": "123"})
    assert wrong.json()["code"] == "platforms.wrong_code"
    code = made.json()["recovery_codes"][0]
    gone = client.post(f"/passkeys/{one['id']}/remove", {"code": code}).json()
    assert gone == {"id": one["id"], "deleted": True}
    assert client.get("/passkeys").json() == {"data": []}
