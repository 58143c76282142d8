"""The audit trail at the operator's desk: in words, narrowed by the address, as a file."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone, translation

from kernel import audit, clock, tenancy
from kernel.actors import SYSTEM, Actor, acting
from kernel.audit import AuditEntry, AuditTarget, Sought, entries, selectors
from kernel.ids import public_id, uuid7
from kernel.records.jobs import Job
from platforms import facade as platforms
from storefront import trail, words
from storefront.views.operator import trail as view
from tests.factories.platforms import make_merchant, make_person, make_platform
from tests.factories.storefront import PASSWORD, Browser, make_goods, operator, owner_of, sign_in

pytestmark = pytest.mark.usefixtures("platform")
PAGE = "/operator/audit/"


@pytest.fixture
def desk() -> Browser:
    return operator()


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[:1000]
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def table(answer: Any) -> str:
    """The rows; "" where there are none."""
    return text(answer).partition("<tbody>")[2].partition("</tbody>")[0]


def note(action: str = "platforms.merchant.suspended", *, by: Actor = SYSTEM, **more: Any) -> None:
    with acting(by):
        audit.record(action, target=more.pop("target", AuditTarget("x.y", uuid7())), **more)


def lines(answer: Any) -> list[list[str]]:
    whole = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(whole)))[1:]


def test_a_change_in_words_with_its_object_and_its_fields(desk: Browser) -> None:
    merchant = make_merchant(approved=False)
    platforms.start_review(merchant_id=merchant.id)
    page = table(desk.see(PAGE, about=merchant.public_id))
    assert "Merchant: review begun" in page
    assert "platforms.merchant.review_started" in page, "the API and support speak of it"
    assert f"/operator/merchants/{merchant.public_id}/" in page
    assert "Applied" in page
    assert "In review" in page
    assert "→" in page
    assert "{'" not in page
    assert "商户 · 已开始审核" in table(operator("zh-hans").see(PAGE, about=merchant.public_id))
    assert "Merchant: review begun" in text(desk.see("/operator/"))
    assert "Merchant: review begun" in text(desk.see(f"/operator/merchants/{merchant.public_id}/"))


def entry(target_type: str = "x.y", **more: Any) -> AuditEntry:
    return AuditEntry(
        id=uuid7(), actor_kind="system", actor_id=None, actor_person_id=None, actor_label="system",
        merchant_id=None, action="x.y.z", target_type=target_type, target_id=uuid7(),
        business_at=clock.system(), created_at=clock.system(), request_id="",
        **{"before": {}, "after": {}} | more,
    )  # fmt: skip


@translation.override("en")
@timezone.override("UTC")
def test_only_what_changed_and_each_value_as_text() -> None:
    found = trail.fields(
        entry(
            "marketplace.order",
            before={
                "state": "paid", "same": 1, "gone": "x",
                "price": {"amount": 100, "currency": "CNY"},
            },
            after={
                "state": "shipped", "same": 1, "price": {"amount": 12345, "currency": "CNY"},
                "names": {"en": "Tea", "zh-Hans": "茶"}, "name": "p1.c2VhbGVk", "active": False,
                "skus": ["A", "B"], "nothing": None, "odd": {"a": {"b": 1}},
                "ends_at": "2026-05-01T08:00:00+00:00", "expected_on": "2026-05-01",
                "starts_at": "2026-99-99T", "amount": {"amount": "x", "currency": 7},
            },
        )
    )  # fmt: skip
    told = {one.label: (one.before, one.after) for one in found}
    assert told["State"] == ("Paid", "Shipped")
    assert "same" not in told
    assert told["gone"] == ("x", "")
    assert told["price"] == ("CN¥1.00", "CN¥123.45")
    assert told["Names"] == ("", "Tea")
    assert told["Name"] == ("", "personal, sealed")
    assert told["Active"] == ("", "No")
    assert told["Article numbers"] == ("", "A, B")
    assert told["nothing"] == ("", "—")
    assert told["odd"] == ("", '{"a": {"b": 1}}')
    assert told["Until"] == ("", "1 May 2026, 08:00")
    assert told["Expected on"] == ("", "1 May 2026")
    assert told["From"] == ("", "2026-99-99T")


@translation.override("en")
@timezone.override("Asia/Shanghai")
def test_no_value_keeps_the_page_from_being_shown() -> None:
    for name, value in {
        "ends_at": "9999-12-31T23:00:00+00:00",
        "starts_at": "0001-01-01T00:00:00+00:00",
        "until": "2026-01-01T00:00:00",
        "fee": {"amount": 1, "currency": "QQQ"},
        "price": {"amount": 10**40, "currency": "CNY"},
        "state": ["a"],
        "names": {"": ""},
    }.items():
        assert trail.shown(name, value, entry()), name


def test_states_that_have_words_anywhere_have_them_in_the_trail() -> None:
    """A model's name is its words' name without the line between."""
    named = {kind.replace("_", ""): kind for kind in words.STATES}
    named |= {"bulksigning": "bulk", "bankcredit": "credit", "dataexport": "export"}
    seen = 0
    for model in apps.get_models():
        kind = named.get(model._meta.model_name or "")
        codes = [
            code for one in model._meta.fields if one.name == "state"
            for code, _label in one.choices or ()
        ]  # fmt: skip
        if kind and set(codes) <= words.STATES[kind].keys():
            for code in codes:
                seen += 1
                about = entry(model._meta.label_lower)
                assert trail.shown("state", code, about) == words.word(kind, code)[0], model
    assert seen > 50


def test_each_page_of_an_object_is_there_and_only_for_who_may_see_it(desk: Browser) -> None:
    everything = Actor("operator", permissions=frozenset({"*"}))
    nothing = Actor("operator", permissions=frozenset({"audit"}))
    for kind, (_prefix, page) in trail.TARGETS.items():
        with acting(everything):
            assert bool(trail.href(entry(kind))) == bool(page), kind
        with acting(nothing):
            assert trail.href(entry(kind)) == "", kind
    goods = make_goods()
    number = public_id("prd", goods.product.id)
    assert f"/operator/products/{number}/" in table(desk.see(PAGE, about=number))


@pytest.fixture
def several(desk: Browser) -> dict[str, Any]:
    """A change by an operator, one by a merchant's staff, one by a guest."""
    merchant = make_merchant()
    person = make_person(name="Qian Duo", role="operator")
    note(by=Actor("operator", id=person.id, person_id=person.id))
    staff = make_person(name="Li Si", role="merchant_staff", merchant_id=merchant.id)
    actor = Actor("merchant", id=staff.id, person_id=staff.id, merchant_id=merchant.id)
    note("catalog.product.published", by=actor)
    note("payments.intent.created", by=Actor("guest", label="guest"))
    return {"merchant": merchant, "person": person, "staff": staff}


def test_filters_by_area_kind_and_kind_of_actor(desk: Browser, several: Any) -> None:
    page = desk.see(PAGE, area="payments")
    assert "Payment: created" in table(page)
    assert "Merchant: suspended" not in table(page)
    assert '<option value="payments" selected>' in text(page)
    assert '<option value="payments.intent.created">Payment: created</option>' in text(page)
    page = desk.see(PAGE, action="catalog.product.published")
    assert "Product: put on sale" in table(page)
    assert "Payment" not in table(page)
    assert '<option value="catalog" selected>' in text(page), "the area goes with the kind"
    assert '<option value="catalog.product.published" selected>' in text(page)
    page = desk.see(PAGE, area="payments", action="catalog.product.published")
    assert "Payment: created" in table(page), "another area: its kinds are to be chosen anew"
    page = desk.see(PAGE, by="guest")
    assert "Payment: created" in table(page)
    assert "Product" not in table(page)
    assert '<option value="guest" selected>' in text(page)
    note("tests.thing.gone")
    page = desk.see(PAGE, action="tests.thing.gone")
    assert "tests.thing.gone" in table(page)
    assert "no such change today" in text(page)


def test_filters_by_person_and_merchant(desk: Browser, several: Any) -> None:
    person, staff, merchant = several["person"], several["staff"], several["merchant"]
    for who in (person.public_id, person.email, "qian duo", "QIAN"):
        answer = desk.see(PAGE, who=who)
        assert "Merchant: suspended" in table(answer), who
        assert "Product: put on sale" not in table(answer)
        assert "By <strong>Qian Duo</strong>" in text(answer)
        assert answer.request["QUERY_STRING"] == f"who={person.public_id}", "no name stays there"
    assert "Product: put on sale" in table(desk.see(PAGE, who=staff.email))
    for name in (merchant.public_id, merchant.slug):
        answer = desk.see(PAGE, merchant=name)
        assert "Product: put on sale" in table(answer), name
        assert "Merchant: approved" in table(answer), "what was done to it is of it too"
        assert "Payment: created" not in table(answer)
    page = table(desk.see(PAGE))
    assert "Qian Duo" in page
    assert "Operator" in page
    assert "Li Si" in page
    assert "Merchant staff" in page
    assert merchant.names["en"] in page


def test_an_erased_person_stays_nameless(desk: Browser, several: Any) -> None:
    person = several["staff"]
    platforms.erase_person(person_id=person.id)
    page = desk.see(PAGE, area="catalog")
    assert "Li Si" not in text(page)
    assert "Nameless" in table(page)
    assert "Nameless" in table(desk.see(PAGE, who=person.public_id))


def test_days_are_the_viewers_and_whole(desk: Browser) -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 00:30 on the 3rd in Shanghai
    with clock.frozen(late):
        note("search.rule.created")
    for zone, day, other in (("Asia/Shanghai", "2026-03-03", "2026-03-02"),
                             ("UTC", "2026-03-02", "2026-03-03")):  # fmt: skip
        desk.cookies["qc_zone"] = zone
        dates = {"from": day, "to": day}
        page = desk.see(PAGE, **dates)
        assert "Search rule: created" in table(page), zone
        assert f'name="from" value="{day}"' in text(page)
        assert table(desk.see(PAGE, **{"from": other, "to": other})) == ""
    assert "Search rule" in table(desk.see(PAGE, to="2026-03-03"))
    assert "Search rule" not in table(desk.see(PAGE, **{"from": "2026-03-04"}))


def test_everything_of_one_request(desk: Browser) -> None:
    merchant = make_merchant(approved=False)
    before = {one.id for one in entries(limit=100).items}
    at = f"/operator/merchants/{merchant.public_id}/"
    desk.send(f"{at}act/", page=at, do="review")
    (made,) = [one for one in entries(limit=100).items if one.id not in before]
    assert made.request_id.startswith("req_")
    assert f"?request={made.request_id}" in table(desk.see(PAGE))
    page = desk.see(PAGE, request=made.request_id)
    assert "Merchant: review begun" in table(page)
    assert table(page).count("<tr>") == 1
    assert "All requests" in text(page)
    assert f'name="request" value="{made.request_id}"' in text(page), "it stays with other filters"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"about": "nonsense"}, "isn't a number of an object"),
        ({"about": "ord_xx"}, "isn't a number of an object"),
        ({"area": "weather"}, "no area"),
        ({"action": "<script>"}, "isn't a kind of change"),
        ({"by": "robot"}, "no kind of actor"),
        ({"who": "nobody@there.example"}, "Nobody here"),
        ({"who": "a@b@c"}, "Nobody here"),
        ({"who": "per_00000000000000000000000000"}, "Nobody here"),
        ({"who": "Nobody At All"}, "Nobody here"),
        ({"who": "Zhang"}, "Several people"),
        ({"merchant": "mer_x"}, "no merchant"),
        ({"merchant": "no-such-shop"}, "no merchant"),
        ({"from": "yesterday"}, "isn't a day"),
        ({"to": "9999-12-31"}, "isn't a day"),
        ({"from": "0001-01-01"}, "isn't a day"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "before the first"),
        ({"cursor": "rubbish"}, "no such page"),
        ({"cursor": "WyItaWQiLCJ4Il0"}, "no such page"),
        ({"cursor": "WyItaWQiLCJ4Il0", "area": "payments"}, "no such page"),
        ({"about": "x\x00y"}, "isn't a number of an object"),
        ({"request": "what?"}, "No changes like these"),
    ],
)
def test_what_isnt_understood_is_said(desk: Browser, asked: dict[str, str], told: str) -> None:
    for name in ("Zhang Wei", "Zhang Min"):
        make_person(name=name, role="operator")
    answer = desk.see(PAGE, **asked)
    assert told in text(answer)
    assert table(answer) == "", "not everything instead of what was asked for"
    assert desk.see(PAGE, **asked, format="csv").status_code == 200


def test_nothing_found_has_a_way_back(desk: Browser) -> None:
    page = text(desk.see(PAGE, area="search"))
    assert "No changes like these" in page
    assert "Show all changes" in page


def test_a_stretch_without_any_leads_on(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    note("search.rule.created")
    for _n in range(4):
        note()
    monkeypatch.setattr(selectors, "LOOKED_AT", 2)
    page = text(desk.see(PAGE, area="search"))
    assert "Looked back to" in page
    assert "No changes like these" not in page
    for _round in range(20):
        found = re.search(r'href="(\?[^"]*cursor=[^"]*)"', page)
        if "Search rule: created" in page or not found:
            break
        page = text(desk.get(f"{desk.prefix}{PAGE}{found[1]}"))
    assert "Search rule: created" in page


def test_the_file_has_what_is_filtered_and_is_itself_recorded(desk: Browser, several: Any) -> None:
    buyer = make_person(name="Zhao Liu")
    note("marketplace.order.placed", by=Actor("buyer", id=buyer.id, person_id=buyer.id),
         after={"note": '=HYPERLINK("x")'})  # fmt: skip
    note("platforms.key.issued", by=Actor("merchant", id=uuid7(), label="=1+1"))
    found = lines(desk.see(PAGE, area="catalog", format="csv"))
    assert [line[6:8] for line in found] == [["catalog.product.published", "Product: put on sale"]]
    assert found[0][2:5] == ["Merchant", several["staff"].public_id, "Li Si"]
    (exported,) = entries(Sought(action="kernel.trail.exported")).items
    assert exported.after == {"filters": {"area": "catalog"}}
    assert exported.actor_kind == "operator"
    whole = lines(desk.see(PAGE, format="csv"))
    bought = next(line for line in whole if line[6] == "marketplace.order.placed")
    assert bought[3:5] == [buyer.public_id, ""], "a buyer's name would outlive its erasure"
    keyed = next(line for line in whole if line[6] == "platforms.key.issued")
    assert keyed[3] == "'=1+1"
    assert not desk.head(f"{desk.prefix}{PAGE}?format=csv").content
    assert len(entries(Sought(action="kernel.trail.exported")).items) == 2
    spoken = lines(operator("zh-hans").see(PAGE, area="catalog", format="csv"))
    assert spoken[0][7] == "商品 · 已上架"


def test_a_file_has_an_end_and_says_so(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(205):
        note()
    monkeypatch.setattr(view, "EXPORT_LIMIT", 200)
    found = lines(desk.see(PAGE, format="csv"))
    assert len(found) == 201
    assert found[-1] == ["Only this many changes fit in a file; narrow the filter for the rest."]


def test_closed_to_others(several: Any) -> None:
    role = platforms.create_staff_role(name="Cashier", permissions=["money.see"])
    cashier = make_person(password=PASSWORD)
    platforms.grant_role(person_id=cashier.id, role=platforms.Role.OPERATOR, staff_role_id=role.id)
    for browser in (owner_of(several["merchant"]), sign_in(cashier)):
        for more in ({}, {"format": "csv"}, {"about": "mer_x"}):
            assert browser.see(PAGE, **more).status_code == 403
    assert "Latest changes" not in text(sign_in(cashier).see("/operator/"))


def test_another_platforms_changes_arent_there(desk: Browser, several: Any) -> None:
    here = tenancy.current()
    with tenancy.scope(make_platform()):
        stranger = make_person(name="Strange", role="operator")
        merchant = make_merchant()
        note("search.rule.created", by=Actor("operator", id=stranger.id, person_id=stranger.id))
    assert tenancy.current() == here
    for asked in ({"area": "search"}, {"about": merchant.public_id}):
        assert table(desk.see(PAGE, **asked)) == ""
    for asked in ({"who": stranger.email}, {"who": "Strange"}, {"who": stranger.public_id},
                  {"merchant": merchant.public_id}):  # fmt: skip
        answer = text(desk.see(PAGE, **asked))
        assert "Nobody here" in answer or "no merchant" in answer


def make_job(kind: str, state: str, error: str = "") -> UUID:
    now = clock.system()
    return Job.objects.create(
        kind=kind, state=state, run_at=now + timedelta(hours=1), created_at=now, error=error,
        finished_at=now if state == "failed" else None, request_id=public_id("req", uuid7()),
    ).id  # fmt: skip


@pytest.fixture
def some_jobs() -> None:
    make_job("kernel.send_mail", "failed", "ConnectionRefusedError: [Errno 111] Connection refused")
    make_job("payments.send_payout", "failed", "conflict: The bank account is being changed.")
    make_job("payments.refresh_intent", "queued", "provider_unavailable: no answer")


def test_jobs_in_words_by_kind_with_readable_errors(desk: Browser, some_jobs: None) -> None:
    page = text(desk.see("/operator/jobs/"))
    assert "Send a letter" in page
    assert "kernel.send_mail" in page
    assert "Something unexpected went wrong" in page
    assert "[Errno 111]" in page
    assert "Tried again by itself:" in page
    one = desk.see("/operator/jobs/", kind="payments.send_payout", state="failed")
    assert "The bank account is being changed." in table(one)
    assert "Send a letter" not in table(one)
    assert '<option value="payments.send_payout" selected>' in text(one)
    assert 'name="state" value="failed"' in text(one), "the state stays"
    assert "发送邮件" in text(operator("zh-hans").see("/operator/jobs/", kind="kernel.send_mail"))
    none = text(desk.see("/operator/jobs/", kind="search.follow", state="failed"))
    assert "Show all jobs" in none
    assert desk.see("/operator/jobs/", kind="nonsense").status_code == 200
    assert reverse("storefront:operator_audit") in page
