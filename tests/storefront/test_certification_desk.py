"""Operators' pages of identities, certificates and seals; the template editor of both desks."""

import html
import json
import re
from typing import Any

import pytest

from certification import facade
from certification.facade import Subject
from certification.models import ContractTemplate, Identity
from kernel.ids import public_id
from tests.factories.certification_town import make_certification_rows
from tests.factories.identity import company, in_review
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import PASSWORD, Browser, operator, owner_of, sign_in

pytestmark = pytest.mark.usefixtures("platform")
SUPPLY = {
    "title-zh": "供货合同", "title-en": "Supply contract", "code": "supply",
    "roles-0-here": "1", "roles-0-role": "seller", "roles-0-zh": "甲方", "roles-0-en": "Seller",
    "roles-1-here": "1", "roles-1-role": "buyer", "roles-1-zh": "乙方", "roles-1-en": "Buyer",
    "fields-0-here": "1", "fields-0-name": "total", "fields-0-type": "money",
    "fields-0-zh": "总价", "fields-0-en": "Total", "fields-0-required": "on",
    "fields-0-more": '{"currency": "CNY", "min": 1}',
    "body-0-here": "1", "body-0-kind": "clause", "body-0-zh": "总价{{total}}。",
    "body-0-en": "The total is {{total}}.", "body-0-more": "",
}  # fmt: skip


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_an_identity_is_reviewed() -> None:
    merchant, desk = make_merchant(), operator("en")
    info = in_review(Subject.merchant(merchant.id), company("吉林丰泽粮贸有限公司"))
    where = f"/operator/identities/{info.public_id}"
    shown = text(desk.see("/operator/identities/"))
    assert "吉林丰泽粮贸有限公司" in shown
    assert "王芳" not in shown
    assert "They belong together" in text(desk.see(f"{where}/"))
    desk.send(f"{where}/act/", do="approve")
    assert facade.identity(info.id).state == "in_review"  # nobody took it
    desk.send(f"{where}/act/", do="claim")
    assert "王芳" in text(desk.send(f"{where}/act/", do="reveal", reason="compare"))
    paper = desk.send(f"{where}/papers/{info.papers[0].public_id}/", reason="review")
    assert (paper.status_code, paper["Content-Type"]) == (200, "image/png")
    desk.send(f"{where}/act/", do="reject")
    assert facade.identity(info.id).state == "in_review"  # without a reason nothing happens
    desk.send(f"{where}/act/", do="approve")
    assert facade.identity(info.id).level == "verified"
    assert "Nothing waits" in text(desk.see("/operator/identities/"))
    assert "吉林丰泽粮贸有限公司" in text(desk.see("/operator/identities/", state="verified"))
    actions = text(desk.see(f"{where}/"))
    assert "certification.identity.revealed" in actions


def test_another_operator_has_it() -> None:
    info = in_review(Subject.merchant(make_merchant().id), company())
    first, second = operator("en"), operator("zh-hans")
    where = f"/operator/identities/{info.public_id}"
    first.send(f"{where}/act/", do="claim")
    assert "另一位运营人员正在审核" in text(second.see(f"{where}/"))
    second.send(f"{where}/act/", do="reject", reason="x")
    assert Identity.objects.get(id=info.id).state == "in_review"
    first.send(f"{where}/act/", do="more", reason="扫描件不全")
    assert "扫描件不全" in text(second.see(f"{where}/"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_authoritys_desk(language: str) -> None:
    merchant, other = make_merchant(), make_merchant()
    ids = make_certification_rows(merchant_id=merchant.id, other_id=other.id, external="x1")
    desk, info = operator(language), facade.certificate(certificate_id=ids["cer"])
    for path in ("authority/", "certificates/", "seals/", "timestamps/", "templates/"):
        assert desk.see(f"/operator/{path}").status_code == 200, path
    number, seal = public_id("cer", ids["cer"]), public_id("sea", ids["sea"])
    for q in (info.serial, number, merchant.public_id):
        assert number in text(desk.see("/operator/certificates/", q=q)), q
    assert number not in text(desk.see("/operator/certificates/", q="cer_nothing"))
    assert number not in text(desk.see("/operator/certificates/", q=other.public_id))
    sheet = b"".join(desk.see("/operator/certificates/", export="csv").streaming_content)
    assert info.serial in sheet.decode()
    where = f"/operator/certificates/{number}"
    assert desk.see(f"{where}/file/").content.count(b"BEGIN CERTIFICATE") == 3
    kind = "/operator/authority/kinds/organization/"
    assert f'{kind}"' in text(desk.see("/operator/authority/"))
    wanted = {"zh": "单位证书", "en": "Unit", "days": "90", "algorithms": "p256", "level": "strong"}
    refused = desk.send(kind, **{**wanted, "days": "5000"})
    assert refused.status_code == 422
    assert ("1 to 1825 days." if language == "en" else "1 至 1825 天。") in text(refused)
    desk.send(kind, **wanted)
    held = facade.certificate_profile("organization")
    assert (held.days, held.algorithms, held.level) == (90, ("p256",), "strong")
    assert held.held_here is False
    shown = text(desk.see(kind))
    assert ("As shipped" if language == "en" else "出厂设置") in shown
    assert desk.see("/operator/authority/kinds/timestamp/").status_code == 404
    steps = (("suspend", "suspended"), ("resume", "valid"), ("revoke", "revoked"))
    for do, state in steps:
        desk.send(f"{where}/act/", do=do, reason="superseded", note="n")
        assert facade.certificate(certificate_id=ids["cer"]).state == state
    assert desk.see(f"{where}/").status_code == 200
    authority = public_id("cau", ids["cau"])
    desk.send("/operator/authority/publish/", authority=authority)
    assert desk.see(f"/operator/seals/{seal}/picture/").content[:4] == b"\x89PNG"
    for do in ("suspended", "valid", "revoked"):
        desk.send(f"/operator/seals/{seal}/act/", do=do, reason="r")
        assert facade.seal(seal_id=ids["sea"]).state == do
        assert desk.see(f"/operator/seals/{seal}/").status_code == 200


def test_a_merchant_makes_a_template_of_its_own() -> None:
    merchant = make_merchant()
    desk = owner_of(merchant, "en")
    wrong = {**SUPPLY, "code": "Not One"}
    assert desk.send("/merchant/templates/new/", **wrong).status_code == 422
    desk.send("/merchant/templates/new/", **SUPPLY)
    (row,) = ContractTemplate.objects.filter(merchant_id=merchant.id)
    assert row.definition["fields"] == [
        {"name": "total", "type": "money", "label": {"zh-Hans": "总价", "en": "Total"},
         "required": True, "currency": "CNY", "min": 1},
    ]  # fmt: skip
    where = f"/merchant/templates/{public_id('ctt', row.id)}/"
    typo = {**SUPPLY, "body-0-zh": "总价{{totl}}。", "do": "publish"}
    refused = desk.send(where, **typo)
    assert refused.status_code == 422
    assert "{{totl}} names no field or party." in text(refused)
    assert 'href="#body-0"' in text(refused)
    broken = text(desk.send(where, **{**SUPPLY, "fields-0-more": "{min: 0"}))
    assert "This isn't a JSON object." in broken
    more = text(desk.send(where, **{**SUPPLY, "do": "add:fields"}))
    assert 'name="fields-1-name"' in more
    # The keyboard goes on at the new row, which stands open.
    assert re.search(r'id="fields-1" open><summary data-focus>', more)
    assert more.count("data-focus") == 1
    desk.send(where, **{**SUPPLY, "do": "publish"})
    row.refresh_from_db()
    assert row.state == "published"
    desk.send(f"{where}act/", do="copy")
    assert facade.templates_page(merchant_id=merchant.id, code="supply", state="draft").items
    desk.send(f"{where}act/", do="retire")
    row.refresh_from_db()
    assert row.state == "retired"


def test_the_editor_loses_nothing_and_shows_pages() -> None:
    """Every shipped template goes through the form unchanged."""
    from storefront.forms.contract_template import Editor

    for code in ("corn_sale", "agency_mandate", "government_purchase", "patent_licence", "service"):
        shipped = facade.shipped_contract_template(code)
        posted: dict[str, str] = {}
        editor = Editor.of(shipped)
        posted |= {"title-zh": editor.title["zh"], "title-en": editor.title["en"]}
        for name, rows in editor.rows.items():
            for place, row in enumerate(rows):
                posted[f"{name}-{place}-here"] = "1"
                posted |= {f"{name}-{place}-{key}": str(value) for key, value in row.items()
                           if value is not False}  # fmt: skip
        again = Editor.posted(posted).definition()
        kept = {key: shipped[key] for key in ("title", "roles", "fields", "body")}
        for field in kept["fields"]:
            field.setdefault("required", False)
        assert json.dumps(again, sort_keys=True) == json.dumps(kept, sort_keys=True), code
    desk = operator("zh-hans")
    preview = text(desk.send("/operator/templates/new/", **{**SUPPLY, "do": "preview"}))
    assert "data:image/png;base64," in preview


@pytest.mark.parametrize(
    ("language", "money", "clause"),
    [("zh-hans", "金额", "编号条款"), ("en", "Amount of money", "Numbered clause")],
)
def test_the_editor_says_kinds_in_words(language: str, money: str, clause: str) -> None:
    page = text(
        operator(language).send("/operator/templates/new/", **{**SUPPLY, "do": "up:body:1"})
    )
    assert f'<option value="money" selected>{money}</option>' in page
    assert ("类型" if language == "zh-hans" else "Type") in page
    assert "字体" not in page
    assert f'<option value="clause" selected>{clause}</option>' in page
    codes = {*facade.CONTRACT_FIELD_TYPES, *facade.CONTRACT_BLOCKS}
    assert not codes & set(re.findall(r"<option[^>]*>([^<]*)</option>", page))


def test_templates_are_their_owners() -> None:
    merchant, other = make_merchant(), make_merchant()
    made = facade.create_contract_template(code="mine", definition={}, merchant_id=merchant.id)
    where = f"/merchant/templates/{made.public_id}/"
    assert owner_of(other, "en").see(where).status_code == 404
    staff = sign_in(make_person(password=PASSWORD, merchant_id=merchant.id, role="merchant_staff"))
    assert staff.see(where).status_code == 200
    staff.send(where, **{**SUPPLY, "do": "save"})
    assert ContractTemplate.objects.get(id=made.id).definition == {}
    for path in ("identities/", "authority/", "certificates/", "seals/", "templates/"):
        assert staff.see(f"/operator/{path}").status_code == 403
        assert "sign-in" in Browser().see(f"/operator/{path}").request["PATH_INFO"]
