"""A body that can't be read, or kept, is refused with what is wrong and where."""

from typing import Any
from uuid import uuid4

import pytest

from kernel.tenancy import Tenant
from tests.factories.platforms import api_client, make_key


@pytest.mark.django_db
def test_null_characters_are_named_by_field(platform: Tenant) -> None:
    client = api_client(make_key(kind="operator"))
    deep: Any = "\x00"
    for _level in range(900):
        deep = [deep]
    for body, fields in (
        ({"names": {"zh-Hans": "a\x00b", "en": "Shop"}, "metadata": {"erp": "\x00"}},
         ["names.zh-Hans", "metadata.erp"]),
        ({"names": {"en\x00": "Shop"}}, ["names.en\ufffd"]),
        ({"names": {"en": "Shop"}, "tags": ["a", ["b", "\x00"]]}, ["tags.1.1"]),
        ({"metadata": deep}, ["metadata" + ".0" * 900]),
        ({str(n): "\x00" for n in range(50)}, [str(n) for n in range(20)]),
    ):  # fmt: skip
        answer = client.post("/merchants", body)
        assert answer.status_code == 422, answer.content
        assert [problem["field"] for problem in answer.json()["errors"]] == fields
    plain = client.post("/merchants", {"names": {"en": "No \\u0000"}})
    assert "null character" not in plain.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "kind", "said", "chinese"),
    [
        ('{"names": ', "application/json", "isn't JSON", "不是有效的 JSON"),
        ('{"names": "\\ud800"}', "application/json", "isn't JSON", "不是有效的 JSON"),
        ('{"a": NaN}', "application/json", "isn't JSON", "不是有效的 JSON"),
        ("[" * 100_000, "application/json", "isn't JSON", "不是有效的 JSON"),
        ("[]", "application/json", "must be a JSON object", "必须是 JSON 对象"),
        ("names=x", "text/plain", "“text/plain”", "“text/plain”"),
    ],
)
def test_what_can_not_be_read_says_why(
    platform: Tenant, body: str, kind: str, said: str, chinese: str
) -> None:
    key = make_key(kind="operator")
    for language, words in (("en", said), ("zh-Hans", chinese)):
        answer = api_client(key).client.post(
            f"/p/{platform.code}/api/v1/merchants",
            body,
            content_type=kind,
            headers={
                "Authorization": f"Bearer {key.raw}",
                "Idempotency-Key": uuid4().hex,
                "Accept-Language": language,
            },
        )
        assert answer.status_code == 400, answer.content
        assert answer.json()["code"] == "malformed"
        assert words in answer.json()["detail"]
