"""Identities: stated, checked by the provider over HTTP, reviewed, ended, erased."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from certification import facade
from certification.facade import AssuranceTooLow, PaperKind, Particulars, Subject
from certification.models import Identity, IdentityCheck, IdentityPaper
from certification.services import identity_checks, identity_upkeep
from kernel import audit, clock, jobs, tenancy
from kernel.actors import Actor, acting
from kernel.audit import AuditTarget, Change
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import uuid7
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.sealed_text import opened
from kernel.tenancy import Tenant
from sandbox.magic import identity as magic
from tests.factories import identity as make
from tests.factories.platforms import (
    api_client,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)
from tests.factories.sandbox import make_account, serving


@pytest.fixture
def merchant(platform: Tenant) -> Subject:
    return Subject.merchant(make_merchant().id)


@pytest.fixture
def provider(transactional_db: None, settings: Any) -> Iterator[None]:
    """A platform in scope whose provider is the sandbox, over HTTP."""
    settings.SANDBOX_IDENTITY_SLOW_SECONDS = 0.05
    with serving() as address, tenancy.scope(make_platform()):
        facade.configure_identity_provider(key=make_account(), base_url=f"{address}/identity")
        yield


def test_from_stated_to_verified(merchant: Subject) -> None:
    assert facade.assurance_of(merchant) == "none"
    info = make.in_review(merchant, make.company())
    assert (info.state, info.level, info.proven) == ("in_review", "basic", ("registry",))
    with pytest.raises(facade.ReviewNotClaimed):
        facade.approve_identity(identity_id=info.id)
    with acting(make.REVIEWER):
        facade.claim_review(identity_id=info.id)
        done = facade.approve_identity(identity_id=info.id)
    assert (done.state, done.level) == ("verified", "verified")
    assert done.expires_at is not None
    facade.require_level(subject=merchant, level="verified")
    with pytest.raises(facade.AssuranceTooLow) as low:
        facade.require_level(subject=merchant, level="strong")
    assert low.value.params["lacking"] == ["account"]


def test_a_platform_asks_for_levels_by_its_blueprint(db: None) -> None:
    shop = make_platform(blueprint={"sections": {"identity": {"require": {"x.y": "basic"}}}})
    with tenancy.scope(shop):
        subject = Subject.person(make_person().id)
        facade.require_level(subject=subject, action="other")
        with pytest.raises(facade.AssuranceTooLow):
            facade.require_level(subject=subject, action="x.y")
        make.verified(subject, make.someone())
        facade.require_level(subject=subject, action="x.y")


def test_who_signs_enrols_or_sells_is_asked_for_a_level(db: None) -> None:
    """What the blueprint names is asked for where it is done."""
    from certification.services.agreements import signing
    from platforms import facade as platforms
    from tests.certification.test_contracts import opened, sides

    asked = {"contract.sign": "verified", "certificate.enrol": "strong"}
    shop = make_platform(blueprint={"sections": {"identity": {"require": asked}}})
    with tenancy.scope(shop):
        facade.load_contract_templates()
        seller, buyer = sides()
        found = opened(seller, buyer)
        signer = seller.signer(found.agreed_sha256)
        with pytest.raises(AssuranceTooLow) as refused:
            signing.sign(contract_id=found.id, role="seller", signer=signer)
        assert refused.value.params["lacking"] == ["registry", "documents"]
        make.verified_merchant(seller.merchant)
        assert signing.sign(contract_id=found.id, role="seller", signer=signer).signatures == 1
        with pytest.raises(AssuranceTooLow):
            facade.apply_certificate(
                key=uuid4(), profile="organization", merchant_id=seller.merchant, person_id=None
            )
    asked = {"merchant.approve": "basic"}
    strict = make_platform(blueprint={"sections": {"identity": {"require": asked}}})
    with tenancy.scope(strict):
        applied = platforms.create_merchant(names={"en": "New"}, contact_email="new@people.example")
        with pytest.raises(AssuranceTooLow):
            platforms.approve_merchant(merchant_id=applied.id)
        make.verified_merchant(applied.id, make.company(number=make.credit_code(2)))
        assert platforms.approve_merchant(merchant_id=applied.id).approved


def test_nothing_personal_is_shown_or_stored_in_clear(platform: Tenant) -> None:
    subject = Subject.person(make_person().id)
    info = make.verified(subject, make.someone("李秀英"))
    assert (info.name_masked, info.number_masked[:3]) == ("李**", "220")
    assert "李秀英" not in repr(info)
    row = Identity.objects.get()
    assert "李秀英" not in str(row.__dict__)
    assert make.paper() not in bytes(IdentityPaper.objects.get().data_sealed)
    stored = str(list(AuditRecord.objects.values())) + str(list(OutboxEvent.objects.values()))
    assert "李秀英" not in stored
    assert make.resident_number(2) not in stored
    with pytest.raises(Invalid):
        facade.reveal(identity_id=info.id, reason=" ")
    assert facade.reveal(identity_id=info.id, reason="asked by phone").name == "李秀英"
    looked = AuditRecord.objects.get(action="certification.identity.revealed")
    assert opened(looked.after["reason"]) == "asked by phone"
    assert "phone" not in looked.after["reason"]


def test_the_last_looks_are_told_however_many_there_were(platform: Tenant) -> None:
    info = make.verified(Subject.person(make_person().id), make.someone())
    paper = IdentityPaper.objects.get(identity_id=info.id)
    target = AuditTarget("certification.identity", info.id)
    audit.record_many(
        Change("certification.identity.revealed", target, after={"reason": f"no. {n}"})
        for n in range(110)
    )
    facade.open_paper(identity_id=info.id, paper_id=paper.id, reason="at last")
    told = facade.identity_accesses(identity_id=info.id)
    assert [one.reason for one in told[:3]] == ["at last", "no. 109", "no. 108"]
    assert told[0].what == paper.kind
    assert len(told) == 100


def test_changed_legal_data_ends_the_verification(merchant: Subject) -> None:
    make.verified(merchant, make.company())
    same = facade.state_identity(subject=merchant, particulars=make.company())
    assert same.level == "verified"
    other = facade.state_identity(subject=merchant, particulars=make.company("新名字有限公司"))
    assert (other.state, other.level, other.proven) == ("draft", "none", ())


@pytest.mark.parametrize("number", ["91110000600037341M", "11010519491231002X", ""])
def test_wrong_numbers_are_refused(merchant: Subject, number: str) -> None:
    particulars = make.company()
    with pytest.raises(Invalid) as wrong:
        facade.state_identity(
            subject=merchant,
            particulars=Particulars(**{**particulars.__dict__, "number": number}),
        )
    assert wrong.value.problems[0].field == "number"


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nbroken", b"x" * 11_000_000])
def test_papers_that_are_none(merchant: Subject, data: bytes) -> None:
    with pytest.raises(facade.UnreadablePaper):
        facade.add_paper(subject=merchant, kind=PaperKind.OTHER, data=data)


def test_no_review_without_papers(merchant: Subject) -> None:
    facade.state_identity(subject=merchant, particulars=make.company())
    with pytest.raises(facade.PapersMissing) as lacking:
        facade.submit_identity(subject=merchant)
    assert lacking.value.params["missing"] == [["business_licence"]]


def test_the_queue_goes_to_one_operator(merchant: Subject) -> None:
    info = make.in_review(merchant, make.company())
    other = Actor(kind="operator", id=uuid7())
    with acting(make.REVIEWER):
        facade.claim_review(identity_id=info.id)
    with acting(other):
        with pytest.raises(facade.ReviewTaken):
            facade.claim_review(identity_id=info.id)
        with pytest.raises(facade.ReviewNotClaimed):
            facade.reject_identity(identity_id=info.id, reason="no")
    with acting(make.REVIEWER):
        back = facade.ask_for_more(identity_id=info.id, reason="The scan is cut off")
    assert (back.state, back.reason, back.claimed_by) == ("needs_more", "The scan is cut off", None)
    assert facade.submit_identity(subject=merchant).state == "checking"
    with pytest.raises(InvalidTransition):
        facade.submit_identity(subject=merchant)


def test_it_ends_and_its_owner_is_told_before(merchant: Subject) -> None:
    make.verified(merchant, make.company())
    assert identity_upkeep.remind() == 0
    with clock.offset(timedelta(days=710)):
        assert (identity_upkeep.remind(), identity_upkeep.remind()) == (1, 0)
    with clock.offset(timedelta(days=740)):
        assert (identity_upkeep.expire_identities(), identity_upkeep.expire_identities()) == (1, 0)
        assert facade.assurance_of(merchant) == "none"
    assert OutboxEvent.objects.filter(type="certification.identity.expiring.v1").count() == 1


def test_erasing_keeps_to_the_law(platform: Tenant) -> None:
    subject = Subject.person(make_person().id)
    info = make.verified(subject, make.someone())
    with pytest.raises(facade.UnderLegalHold) as held:
        facade.erase_identity(identity_id=info.id, reason="asked")
    assert held.value.params["kept_until"] > "2030"
    with clock.offset(timedelta(days=365 * 8)):
        facade.erase_identity(identity_id=info.id, reason="asked")
    assert facade.identity_of(subject) is None
    assert IdentityPaper.objects.count() == 0
    with pytest.raises(NotFound):
        facade.reveal(identity_id=info.id, reason="x")


def submitted(name: str) -> Any:
    subject = Subject.merchant(make_merchant().id)
    make.stated(subject, make.company(name))
    info = facade.submit_identity(subject=subject)
    check = IdentityCheck.objects.get(identity_id=info.id)
    identity_checks.ask(check_id=check.id)
    check.refresh_from_db()
    return subject, facade.identity(info.id), check


def test_the_provider_answers_by_its_magic_names(provider: None) -> None:
    _subject, info, _check = submitted("长春江茶贸易有限公司")
    assert (info.state, info.level) == ("in_review", "basic")
    for name, outcome in magic.NAMES.items():
        if outcome not in ("mismatch", "no_record", "expired"):
            continue
        _subject, info, check = submitted(name)
        assert (info.state, info.reason, check.outcome) == ("needs_more", outcome, outcome)
    # Pending now; the answer is found when asked again.
    _subject, info, check = submitted("SANDBOX LATER")
    assert (info.state, check.state) == ("checking", "pending")
    # Down: asked again and again, then an operator decides without it.
    _subject, info, check = submitted("SANDBOX DOWN")
    assert (info.state, check.state, check.asks) == ("checking", "asked", 1)
    for _ in range(identity_checks.MOST_ASKS):
        identity_checks.ask(check_id=check.id)
    info = facade.identity(info.id)
    assert (info.state, info.reason, info.level) == ("in_review", "no_answer", "none")
    with acting(make.REVIEWER):
        facade.claim_review(identity_id=info.id)
        done = facade.approve_identity(identity_id=info.id, registry_by_hand=True)
    assert done.level == "verified"


def test_a_lost_answer_is_found_again(
    provider: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX_IDENTITY_SLOW_SECONDS = 0.6
    monkeypatch.setattr("certification.gateways.http_identity.TIMEOUT", (2, 0.2))
    _subject, info, check = submitted("SANDBOX SLOW")
    assert (info.state, check.state) == ("checking", "asked")
    monkeypatch.setattr("certification.gateways.http_identity.TIMEOUT", (2, 5))
    with clock.frozen(clock.system() + timedelta(minutes=1)):
        assert identity_checks.ask_due() == 1
    assert facade.identity(info.id).state == "in_review"


def test_small_amount_proof(provider: None) -> None:
    subject, info, _check = submitted("长春江茶贸易有限公司")
    account = "6222000000000000"
    with pytest.raises(Invalid):
        facade.send_small_amount(subject=subject, holder="别人", bank="吉林银行", account=account)
    facade.send_small_amount(
        subject=subject, holder="长春江茶贸易有限公司", bank="吉林银行", account=account
    )
    with pytest.raises(facade.NoProofPending):
        facade.name_amount(subject=subject, amount=1)
    jobs.drain()
    right = magic.small_amount(account)
    for left in (2, 1):
        with pytest.raises(facade.WrongAmount) as wrong:
            facade.name_amount(subject=subject, amount=right + 1)
        assert wrong.value.params["left"] == left
    facade.name_amount(subject=subject, amount=right)
    with acting(make.REVIEWER):
        facade.claim_review(identity_id=info.id)
        assert facade.approve_identity(identity_id=info.id).level == "strong"


def test_over_the_api(transactional_db: None) -> None:
    with tenancy.scope(make_platform()):
        mine = make_merchant()
        client = api_client(make_key(merchant_id=mine.id))
        staff = api_client(make_key(kind="operator"))
        stranger = api_client(make_key())
    body = {"name": "长春江茶贸易有限公司", "number_kind": "credit_code",
            "number": "91110000600037341L", "representative": "王芳"}  # fmt: skip
    wrong = client.put("/identity", {**body, "number": "91110000600037341M"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "certification.invalid_number")
    made = client.put("/identity", body)
    assert made.status_code == 200, made.content
    assert made.json()["representative"] == "王*"
    sent = client.client.post(
        f"/p/{client.code}/api/v1/identity/papers?kind=business_licence",
        make.paper(), content_type="image/png",
        headers={"Authorization": f"Bearer {client.raw_key}"},
    )  # fmt: skip
    assert sent.status_code == 201, sent.content
    assert client.post("/identity/submit", {}).json()["state"] == "checking"
    path = f"/identities/{made.json()['id']}"
    assert stranger.get(path).status_code == 404
    assert staff.get("/identities", query={"state": "checking"}).json()["data"][0]["id"]
    shown = staff.get(f"{path}/papers/{sent.json()['id']}", query={"reason": "review"})
    assert shown.content == make.paper()
    assert client.post(f"{path}/claim").status_code == 403
