"""A stolen dump shows nobody's data: what is known is planted everywhere, then looked for."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.apps import apps
from psycopg import sql

from certification import facade as certification
from kernel import jobs, outbox, sealed_text, tenancy
from kernel.ids import parse_public_id, public_id
from platforms import facade as platforms
from search.services import querylog
from tests.factories import identity as identities
from tests.factories.certification_town import VALUES
from tests.factories.platforms import (
    PASSWORD,
    api_client,
    enrol,
    make_key,
    make_person,
    make_platform,
)
from tests.factories.world import make_world
from tests.privacy.words import WORDS, write_everything

# Whoever is planted, by names, numbers and addresses that stand nowhere else.
PLANTED = {
    "person name": "欧阳秘不宣",
    "person mail": "ouyang.secret@people.example",
    "second mail": "bank.secret@merchants.example",
    "buyer name": "诸葛不外传",
    "buyer phone": "13911122233",
    "buyer mail": "zhuge.secret@people.example",
    "street": "绝密大街七百一十三号",
    "invited mail": "invited.secret@people.example",
    "bank holder": "司马藏富",
    "bank account": "6222987654321098",
    "representative": "上官守口",
    "resident number": identities.resident_number(713),
    "other number": identities.resident_number(714),
    "proof account": "6217123498761234",
    "party name": "东郭不具名",
    "party mail": "dongguo.secret@people.example",
    "party address": "绝密胡同八百零九号",
    "word to the party": "请致电13755566677商谈",
    "in the text": "收货人南宫不露面",
    "reason of the refusal": "西门另有隐情",
    "looked for": "司徒不留名的贺礼",
    "typed": "澹台谁在找我",
    "typed before": "公冶家在哪里",
    "name of the search": "司空家的生日",
    "invoice title": "闻人不露",
    "invoice phone": "13655554321",
    "invoice address": "绝密巷九十九号",
    "invoice account": "6214888877776666",
    "password": PASSWORD,
}


# Columns of free text that only a carrier, a bank, a failure or a smart card's holder fills.
NOT_PLANTED = {
    "certification.bulkrow.problem", "certification.seal.note", "certification.sealuse.document",
    "kernel.webhookattempt.answer", "logistics.shipment.problem",
    "payments.fapiao.message", "payments.ledgeralarm.note", "payments.payout.failure_message",
    "payments.reconexception.found",
}  # fmt: skip


@pytest.fixture
def planted(transactional_db: None) -> Iterator[list[str]]:
    """Everything done by the API that takes personal data; the secrets that were shown besides."""
    shop = make_platform()
    with tenancy.scope(shop):
        secrets = _people_and_identities()
        world = make_world(1)
        platforms.update_merchant(
            merchant_id=world.shops[0].merchant_id,
            payout_account=platforms.BankAccount(
                bank="吉林银行", holder=PLANTED["bank holder"],
                number=PLANTED["bank account"], last4="1098",
            ),
            account_confirmed=True,
        )  # fmt: skip
        _trade(world)
        _contract(world.shops[0].merchant_id)
        _wishes()
        write_everything(world)
        outbox.drain()
        jobs.drain(quiet=True)
        yield secrets


def _people_and_identities() -> list[str]:
    staff = api_client(make_key(kind="operator"))
    answers = [
        staff.post("/people", {"email": PLANTED["person mail"], "name": PLANTED["person name"]}),
        staff.post("/merchants", {
            "names": {"en": "Shop"}, "contact_email": PLANTED["second mail"],
        }),
    ]  # fmt: skip
    merchant = answers[1].json()["id"]
    answers.append(staff.post("/invitations", {
        "email": PLANTED["invited mail"], "role": "merchant_owner", "merchant": merchant,
    }))  # fmt: skip
    assert [answer.status_code for answer in answers] == [201] * 3, answers
    platforms.request_password_reset(email=PLANTED["person mail"], address="192.0.2.1")
    person = make_person(name=PLANTED["buyer name"], password=PASSWORD)
    platforms.request_email_change(
        person_id=person.id, email=PLANTED["second mail"], password=PASSWORD
    )
    factor = enrol(person.id)
    session = platforms.sign_in(email=person.email, password=PASSWORD)
    subject = certification.Subject.person(person.id)
    identities.verified(
        subject, identities.someone(PLANTED["buyer name"], PLANTED["resident number"])
    )
    company = certification.Subject.merchant(parse_public_id("mer", merchant))
    certification.state_identity(
        subject=company,
        particulars=certification.Particulars(
            name="公开有限公司", number_kind=certification.NumberKind.CREDIT_CODE,
            number=identities.credit_code(7), representative=PLANTED["representative"],
            representative_number=PLANTED["other number"], address=PLANTED["street"],
        ),
    )  # fmt: skip
    certification.add_paper(
        subject=company, kind=certification.PaperKind.BUSINESS_LICENCE, data=identities.paper()
    )
    certification.submit_identity(subject=company)
    certification.send_small_amount(
        subject=company, holder="公开有限公司", bank="吉林银行", account=PLANTED["proof account"]
    )
    return [factor.secret, *factor.recovery_codes, session.token, person.email]


def _trade(world: Any) -> None:
    guest = api_client()
    cart = guest.post("/carts", {
        "lines": [{"variant_id": public_id("var", world.shops[0].variant_id), "quantity": "1"}]
    }).json()  # fmt: skip
    headers = {"Cart-Token": cart["token"]}
    addressed = guest.put(f"/carts/{cart['id']}/address", {
        "contact": {"name": PLANTED["buyer name"], "phone": PLANTED["buyer phone"],
                    "email": PLANTED["buyer mail"]},
        "address": {"region": "22", "city": "长春市", "line1": PLANTED["street"]},
    }, headers=headers)  # fmt: skip
    assert addressed.status_code == 200, addressed.content
    buyer = api_client(make_key(kind="buyer"))
    kept = buyer.post("/addresses", {
        "contact": {"name": PLANTED["buyer name"], "phone": PLANTED["buyer phone"]},
        "address": {"region": "22", "city": "长春市", "line1": PLANTED["street"]},
    })  # fmt: skip
    assert kept.status_code == 201, kept.content
    done = guest.post(
        "/checkouts", {"cart_id": cart["id"], "payment_method": "offline_test"}, headers=headers
    )
    assert done.status_code in (200, 201, 202), done.content


def _wishes() -> None:
    """What a buyer keeps: a search, and a title for invoices."""
    querylog.forget()  # what other tests searched for
    querylog.note_search(text=PLANTED["typed before"], total=1, visit="one")
    querylog.note_search(text=PLANTED["typed"], total=1, visit="one")
    assert querylog.flush() == 3
    person = make_person(role="buyer")
    buyer = api_client(make_key(kind="buyer", person_id=person.id))
    kept = buyer.post(
        "/saved-searches", {"q": PLANTED["looked for"], "name": PLANTED["name of the search"]}
    )
    assert kept.status_code == 201, kept.content
    title = buyer.post("/invoice-titles", {
        "kind": "person", "title": PLANTED["invoice title"], "phone": PLANTED["invoice phone"],
        "address": PLANTED["invoice address"], "bank": "吉林银行",
        "bank_account": PLANTED["invoice account"],
    })  # fmt: skip
    assert title.status_code == 201, title.content


def _contract(merchant_id: Any) -> None:
    """Drafted with somebody outside, proposed, joined by them, refused; and one of a list."""
    certification.load_contract_templates()
    seller = api_client(make_key(merchant_id=merchant_id))
    guest = make_person(role="buyer", email=PLANTED["party mail"], name=PLANTED["party name"])
    buyer = api_client(make_key(kind="buyer", person_id=guest.id))
    made = seller.post("/contracts", {
        "template": public_id("ctt", certification.current_template(code="corn_sale").id),
        "drafter": "seller",
        "values": {**VALUES, "further_terms": PLANTED["in the text"]},
        "parties": [
            {"role": "seller", "merchant": public_id("mer", merchant_id)},
            {"role": "buyer", "person": public_id("per", guest.id),
             "detail": PLANTED["party address"]},
        ],
    })  # fmt: skip
    assert made.status_code == 201, made.content
    where = f"/contracts/{made.json()['id']}"
    sent = seller.post(f"{where}/proposals", {"message": PLANTED["word to the party"]})
    assert sent.status_code == 201, sent.content
    refused = buyer.post(f"{where}/reject", {"reason": PLANTED["reason of the refusal"]})
    assert refused.status_code == 200, refused.content
    invited = seller.post("/contracts", {
        "title": "Own text", "drafter": "seller", "parties": [
            {"role": "seller", "merchant": public_id("mer", merchant_id)},
            {"role": "buyer", "name": PLANTED["buyer name"], "email": PLANTED["buyer mail"]},
        ],
    })  # fmt: skip
    assert invited.status_code == 201, invited.content
    data = certification.preview_contract_template(
        definition=certification.shipped_contract_template("service"), values={}, language="en"
    )[1].pdf
    number = invited.json()["id"]
    put = seller.client.put(
        f"/p/{seller.code}/api/v1/contracts/{number}/document", data, "application/pdf",
        headers={"Authorization": f"Bearer {seller.raw_key}", "Idempotency-Key": "dump-put"},
    )  # fmt: skip
    assert put.status_code == 200, put.content
    assert seller.post(f"/contracts/{number}/proposals", {}).status_code == 201


def test_a_stolen_dump_tells_nothing(
    planted: list[str], owner_cursor: "psycopg.Cursor[tuple[Any, ...]]"
) -> None:
    looked_for = {**PLANTED, **WORDS, **{f"secret {n}": text for n, text in enumerate(planted)}}
    needles = {
        form: what for what, text in looked_for.items() for form in _forms(text)
    }  # fmt: skip
    found = [
        f"{table}: {needles[needle]}"
        for table, content in _tables(owner_cursor)
        for needle in needles
        if needle in content
    ]
    assert sorted(set(found)) == []


def test_the_scan_would_find_it(
    planted: list[str], owner_cursor: "psycopg.Cursor[tuple[Any, ...]]"
) -> None:
    tables = dict(_tables(owner_cursor))
    assert len(tables) > 40
    assert any('"en": "Shop"' in content for content in tables.values())


def test_every_column_of_free_text_was_written(
    planted: list[str], owner_cursor: "psycopg.Cursor[tuple[Any, ...]]"
) -> None:
    empty = set()
    for model in apps.get_models():
        for field in sealed_text.columns(model):
            owner_cursor.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE {} LIKE 's1.%'").format(
                    sql.Identifier(model._meta.db_table), sql.Identifier(field.attname)
                )
            )
            [count] = owner_cursor.fetchone() or (0,)
            if not count:
                empty.add(f"{model._meta.label_lower}.{field.attname}")
    assert empty == NOT_PLANTED


def _forms(text: str) -> set[str]:
    """As it would stand in text, in escaped JSON, percent-encoded, in the hex of a bytea column,
    and inside of Base64 at each of its three alignments."""
    data = text.encode()
    encoded = {
        base64.b64encode(b"\0" * ahead + data)[-(-ahead * 4 // 3) : -4].decode()
        for ahead in range(3)
    }
    both = encoded | {one.replace("+", "-").replace("/", "_") for one in encoded}
    return {text, json.dumps(text)[1:-1], quote(text), data.hex(), *both}


def _tables(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> Iterator[tuple[str, str]]:
    """Every table of the database as COPY writes it."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    for (name,) in cursor.fetchall():
        with cursor.copy(
            sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(name))
        ) as copy:
            yield name, b"".join(bytes(part) for part in copy).decode("utf-8", "replace")
