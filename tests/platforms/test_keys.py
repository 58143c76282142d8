"""API keys: format, checksum, rotation, revocation, and what they open."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock, tenancy, transactions
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.tenancy import Tenant
from platforms import facade
from platforms.domain import keys
from platforms.models import ApiKey
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform

FORMAT = re.compile(r"qk_(test|live)_[a-z0-9-]+_[0-9A-Za-z]{50}")


def test_format_and_parts() -> None:
    raw, parsed = keys.new_key(platform_code="city-1", live=False)
    assert FORMAT.fullmatch(raw)
    assert raw.startswith("qk_test_city-1_" + parsed.key_id)
    assert keys.parse_key(raw) == parsed
    assert parsed.secret_hash not in repr(parsed)


def test_live_keys_say_so() -> None:
    raw, parsed = keys.new_key(platform_code="city", live=True)
    assert raw.startswith("qk_live_")
    assert parsed.live


def test_checksum_is_a_crc32_in_base62() -> None:
    raw, _parsed = keys.new_key(platform_code="city", live=False)
    assert raw[-6:] == keys.checksum(raw[:-6])
    assert keys.base62(0, 6) == "000000"
    assert keys.base62(2**32 - 1, 6) == "4gfFC3"
    with pytest.raises(ValueError, match="fit"):
        keys.base62(62**6, 6)


@given(place=st.integers(0, 63), letter=st.sampled_from(keys.ALPHABET + "-_ "))
def test_any_changed_character_is_noticed(place: int, letter: str) -> None:
    raw, _parsed = keys.new_key(platform_code="city-retail", live=False)
    changed = raw[:place] + letter + raw[place + 1 :]
    if changed != raw:
        assert keys.parse_key(changed) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "qk_test_city_",
        "sk_test_" + "a" * 50,
        "qk_test_City_" + "a" * 50,
        "qk_test_a_b_" + "a" * 50,
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    assert keys.parse_key(text) is None


def test_only_the_hash_is_stored(platform: Tenant) -> None:
    issued = make_key()
    row = ApiKey.objects.get(id=issued.info.id)
    secret = issued.raw[-38:-6]
    stored = " ".join(str(getattr(row, field.attname)) for field in row._meta.fields)
    assert secret not in stored
    assert row.secret_hash == keys.hash_key(issued.raw)
    assert row.last4 == issued.raw[-4:]
    assert issued.raw not in repr(issued)


def test_a_key_opens_its_own_merchant(platform: Tenant) -> None:
    issued = make_key()
    answer = api_client(issued).get("/merchant")
    assert answer.status_code == 200
    assert answer.json()["id"].startswith("mer_")
    assert api_client().get("/merchant").status_code == 401


def test_last_use_is_noted_but_not_each_time(platform: Tenant) -> None:
    issued = make_key()
    client = api_client(issued)
    client.get("/merchant")
    first = facade.key(issued.info.id).last_used_at
    assert first is not None
    client.get("/merchant")
    assert facade.key(issued.info.id).last_used_at == first


def test_verifying_takes_one_query(platform: Tenant, django_assert_num_queries: object) -> None:
    from django.test import RequestFactory

    issued = make_key()
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {issued.raw}"})
    facade.authenticate(request)  # notes the first use
    with django_assert_num_queries(1):  # type: ignore[operator]
        actor = facade.authenticate(request)
    assert (actor.kind, actor.merchant_id) == ("merchant", issued.info.merchant_id)
    assert actor.may("catalog:write")


def test_wrong_secret_with_a_right_checksum(platform: Tenant) -> None:
    issued = make_key()
    head, tail = issued.raw[:-38], issued.raw[-38:-6]
    forged = head + ("A" if tail[0] != "A" else "B") + tail[1:]
    forged += keys.checksum(forged)
    assert keys.parse_key(forged) is not None
    assert api_client(forged).get("/merchant").status_code == 401


def test_key_of_another_platform(platform: Tenant) -> None:
    other = make_platform()
    with tenancy.scope(other):
        foreign = make_key()
    assert api_client(foreign, code=platform.code).get("/merchant").status_code == 401
    # By its own public part it is known without any address.
    client = api_client(foreign)
    answer = client.client.get(
        "/api/v1/merchant", headers={"Authorization": f"Bearer {foreign.raw}"}
    )
    assert answer.status_code == 200


def test_the_lookup_function_obeys_the_policies(platform: Tenant) -> None:
    other = make_platform()
    with tenancy.scope(other):
        foreign = make_key()
    question = "SELECT count(*) FROM platforms_find_key(%s, %s)"
    for scope, found in ((platform, 0), (other, 1)):
        with tenancy.scope(scope), transactions.cursor() as cursor:
            cursor.execute(question, [other.id, foreign.info.key_id])
            assert cursor.fetchone() == (found,)


def test_rotation_overlaps(platform: Tenant) -> None:
    old = make_key()
    new = facade.rotate_api_key(key_id=old.info.id, overlap=timedelta(hours=2))
    assert new.raw != old.raw
    assert api_client(old).get("/merchant").status_code == 200
    assert api_client(new).get("/merchant").status_code == 200
    info = facade.key(old.info.id)
    assert info.replaced_by == new.info.id
    with clock.frozen(clock.system() + timedelta(hours=2, seconds=1)):
        assert api_client(old).get("/merchant").status_code == 401
        assert api_client(new).get("/merchant").status_code == 200


def test_a_key_is_rotated_once(platform: Tenant) -> None:
    old = make_key()
    facade.rotate_api_key(key_id=old.info.id)
    with pytest.raises(InvalidTransition):
        facade.rotate_api_key(key_id=old.info.id)
    with pytest.raises(Invalid):
        facade.rotate_api_key(key_id=make_key().info.id, overlap=timedelta(days=8))


def test_revoked_at_once(platform: Tenant) -> None:
    issued = make_key()
    assert api_client(issued).get("/merchant").status_code == 200
    facade.revoke_api_key(key_id=issued.info.id)
    assert api_client(issued).get("/merchant").status_code == 401
    with pytest.raises(InvalidTransition):
        facade.revoke_api_key(key_id=issued.info.id)


def test_suspended_merchants_key(platform: Tenant) -> None:
    issued = make_key()
    assert issued.info.merchant_id is not None
    facade.suspend_merchant(merchant_id=issued.info.merchant_id, reason="counterfeit goods")
    answer = api_client(issued).get("/merchant")
    assert answer.status_code == 403
    assert answer.json()["code"] == "platforms.merchant_not_approved"


def test_disabled_persons_key(platform: Tenant) -> None:
    issued = make_key(kind="buyer")
    assert issued.info.person_id is not None
    assert api_client(issued).get("/platform").status_code == 200
    facade.disable_person(person_id=issued.info.person_id)
    assert api_client(issued).get("/platform").status_code == 401


def test_holder_must_fit_the_kind(platform: Tenant) -> None:
    with pytest.raises(Invalid):
        facade.issue_api_key(kind="merchant", name="x")
    with pytest.raises(Invalid):
        facade.issue_api_key(kind="buyer", name="x")
    with pytest.raises(Invalid):
        facade.issue_api_key(kind="operator", name="x", merchant_id=make_merchant().id)
    with pytest.raises(NotFound):
        facade.issue_api_key(kind="merchant", name="x", merchant_id=UUID(int=7 << 76 | 2 << 62))


def test_nobody_hands_on_more_than_they_have(platform: Tenant) -> None:
    narrow = make_key(scopes=("keys:write", "keys:read", "catalog:read"))
    client = api_client(narrow)
    made = client.post("/api-keys", {"name": "ok", "scopes": ["keys:read"]})
    assert made.status_code == 201, made.content
    refused = client.post("/api-keys", {"name": "more", "scopes": ["*"]})
    assert refused.status_code == 422
    assert refused.json()["code"] == "platforms.unknown_scope"
    wide = facade.issue_api_key(
        kind="merchant", name="wide", scopes=["*"], merchant_id=narrow.info.merchant_id
    )
    from kernel.ids import public_id

    rotated = client.post(f"/api-keys/{public_id('key', wide.info.id)}/rotate", {})
    assert rotated.status_code == 422
