"""Platforms, merchants, people and keys for tests, made through the facade."""

import itertools
import json
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
from django.contrib.auth.hashers import make_password
from django.test import Client

from kernel import clock, tenancy
from kernel.tenancy import Tenant
from platforms import facade
from platforms.facade import IssuedKey, MerchantInfo, PersonInfo, Role
from platforms.models import Erasure, Person
from platforms.services import exports

PASSWORD = "a long enough sentence"
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A text that no other test, process or run uses."""
    return f"{prefix}{next(_numbers)}{os.urandom(3).hex()}"


def make_platform(
    code: str | None = None,
    *,
    blueprint: str | dict[str, Any] = "city_retail",
    clock_offset: timedelta = timedelta(0),
    live: bool = False,
    hosts: tuple[str, ...] = (),
    database: str = "default",
) -> Tenant:
    """An open platform; use it with ``kernel.tenancy.scope(tenant)``."""
    code = code or unique("p")
    facade.open_platform(
        code=code,
        names={"zh-Hans": f"平台 {code}", "en": f"Platform {code}"},
        blueprint=blueprint,
        hosts=hosts,
        live=live,
        database=database,
    )
    if clock_offset:
        facade.move_clock(code=code, offset=clock_offset)
    tenant = tenancy.directory().by_code(code)
    assert tenant is not None
    return tenant


def make_merchant(*, approved: bool = True, name: str | None = None, **fields: Any) -> MerchantInfo:
    """A merchant of the platform in scope, approved unless told otherwise."""
    name = name or unique("Shop ")
    merchant = facade.create_merchant(
        names={"zh-Hans": f"商户 {name}", "en": name},
        contact_email=f"{uuid4().hex}@merchants.example",
        **fields,
    )
    return facade.approve_merchant(merchant_id=merchant.id) if approved else merchant


def make_person(
    *,
    role: Role | str | None = None,
    merchant_id: UUID | None = None,
    email: str | None = None,
    password: str | None = None,
    name: str = "Wang Fang",
    language: str = "zh-hans",
) -> PersonInfo:
    """A person of the platform in scope, with a role if one is named."""
    person = facade.create_person(
        email=email or f"{uuid4().hex}@people.example",
        name=name,
        password=password,
        language=language,
    )
    if role is not None:
        facade.grant_role(person_id=person.id, role=Role(role), merchant_id=merchant_id)
    return facade.person(person.id)


def make_key(
    *,
    kind: str = "merchant",
    merchant_id: UUID | None = None,
    person_id: UUID | None = None,
    scopes: tuple[str, ...] = ("*",),
    name: str = "test",
) -> IssuedKey:
    """An API key of the platform in scope; makes the merchant or buyer it needs."""
    if kind == "merchant" and merchant_id is None:
        merchant_id = make_merchant().id
    if kind == "buyer" and person_id is None:
        person_id = make_person(role=Role.BUYER).id
    return facade.issue_api_key(
        kind=kind, merchant_id=merchant_id, person_id=person_id, scopes=scopes, name=name
    )


class ApiClient:
    """Sends JSON to ``/p/<code>/api/v1…`` with a key and, on changes, an Idempotency-Key."""

    def __init__(self, *, code: str, raw_key: str | None = None) -> None:
        self.code = code
        self.raw_key = raw_key
        self.client = Client(raise_request_exception=True)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        idempotency_key: str | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Any:
        """Send one request; ``path`` begins after ``/api/v1`` (``/merchants``)."""
        sent = dict(headers or {})
        if self.raw_key is not None:
            sent.setdefault("Authorization", f"Bearer {self.raw_key}")
        if method != "GET":
            sent.setdefault("Idempotency-Key", idempotency_key or uuid4().hex)
        return self.client.generic(
            method,
            f"/p/{self.code}/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=sent,
            query_params=query,
        )

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("DELETE", path, body, **options)


def api_client(key: IssuedKey | str | None = None, *, code: str | None = None) -> ApiClient:
    """A client with this key; its platform is the key's, else ``code``, else the one in scope."""
    raw = key.raw if isinstance(key, IssuedKey) else key
    if code is None and raw is not None:
        code = raw.split("_")[2]
    return ApiClient(code=code or tenancy.current().code, raw_key=raw)


@dataclass
class Factor:
    """An enrolled authenticator app: its secret and the recovery codes."""

    secret: str
    recovery_codes: list[str]

    def code(self) -> str:
        """A code that works now: not the one that enrolled, which is spent."""
        return code_of(self.secret, ahead=1)


def code_of(secret: str, *, ahead: int = 0) -> str:
    """What the app shows ``ahead`` steps from now; one step ahead is still accepted."""
    return pyotp.TOTP(secret).at(clock.system(), counter_offset=ahead)


def enrol(person_id: UUID, *, code: str = "") -> Factor:
    """Give a person an authenticator app; ``code`` is of the passkey that they have already.
    Whoever has no password yet gets one for it."""
    row = Person.objects.get(id=person_id)
    if not row.password:
        row.password = make_password(PASSWORD)
        row.save(update_fields=["password"])
    made = facade.begin_second_factor(person_id=person_id, password=PASSWORD, code=code)
    codes = facade.finish_second_factor(person_id=person_id, code=code_of(made.secret))
    return Factor(made.secret, codes)


def make_data_wishes(person_id: UUID) -> UUID:
    """A copy of their data that can be fetched, whose id is answered; and the planned end."""
    made = facade.request_export(person_id=person_id, password=PASSWORD)
    assert exports.make_export(export_id=made.id)
    Erasure(person_id=person_id, due_at=clock.system() + timedelta(days=30)).save(force_insert=True)
    return made.id
