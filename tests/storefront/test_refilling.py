"""What a form brought is back in its fields when it was refused, with the reason beside them."""

from uuid import uuid4

import pytest
from django.core import signing
from lxml import html  # type: ignore[import-untyped]

from kernel.ids import public_id
from marketplace import facade as marketplace
from storefront.refilling import refilled
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, buy, make_goods, owner_of

PAGE = """<!doctype html>
<form method="post" action="/a/"><input name="n" value="of another form"></form>
<details class="x"><summary>More</summary><form method="post" action="/b/">
<input type="hidden" name="csrfmiddlewaretoken" value="new">
<input type="hidden" name="one" value="1">
<input name="n" value="old &amp; &quot;quoted&quot;" class="input">
<textarea name="text" rows=2>
old</textarea>
<select name="s"><option value="a" selected>A</option><option value="b">B</option></select>
<label><input type="checkbox" name="c" value="yes" checked>C</label>
<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">
<input type="password" name="password"><button name="do" value="go">Go</button></form></details>
<form method="post" action="/b/"><input type="hidden" name="one" value="2"><input name="n"></form>
"""
SENT = {
    "one": ["1"], "do": ["go"], "n": ["\"'><script>x()</script>"], "text": ["first\nsecond <b>"],
    "s": ["b"], "r": ["2"],
}  # fmt: skip


def test_only_its_own_form_is_filled() -> None:
    text = refilled(PAGE, to="/b/", sent=SENT, problems=[["lines.0.n", "Too <odd>."], ["x", "No."]])
    first, form, last = html.document_fromstring(text).forms
    assert form.fields["n"] == SENT["n"][0]
    assert form.fields["text"] == SENT["text"][0]
    assert (form.fields["s"], form.fields["r"], form.fields["c"]) == ("b", "2", None)
    assert form.fields["csrfmiddlewaretoken"] == "new"
    assert (first.fields["n"], last.fields["n"]) == ("of another form", None)
    assert "<script>" not in text
    assert '<details class="x" open>' in text
    named = form.xpath(".//*[@aria-invalid]")
    assert [one.get("name") for one in named] == ["n"]
    assert named[0].getnext().text_content() == "Too <odd>."
    assert [one.text_content() for one in form.xpath(".//*[@class='error']")] == [
        "No.", "Too <odd>.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "changes"),
    [("/c/", {}), ("/b/", {"one": ["3"]}), ("/b/", {"do": ["stop"]}), ("/b/", {"more": ["x"]})],
)
def test_what_fits_no_form_changes_nothing(to: str, changes: dict[str, list[str]]) -> None:
    assert refilled(PAGE, to=to, sent=SENT | changes, problems=[["n", "No."]]) == PAGE


@pytest.mark.usefixtures("platform")
def test_a_refused_form_of_a_page_comes_back_filled() -> None:
    desk = owner_of(make_merchant(), "zh-hans")
    sent = {"name": "仓库二", "region": "nowhere", "address": "路 2 号"}
    page = desk.send("/merchant/warehouses/new/", "/merchant/stock/", **sent)
    form = next(
        one for one in html.document_fromstring(page.content.decode()).forms
        if one.action and one.action.endswith("/merchant/warehouses/new/")
    )  # fmt: skip
    assert (form.fields["name"], form.fields["address"]) == ("仓库二", "路 2 号")
    [told] = form.xpath(".//*[@class='error']")
    assert told.getprevious().get("name") == "region"
    # Once only, and nothing secret.
    assert not [
        one for one in desk.cookies.values() if one.key.startswith("qc_typed") and one.value
    ]
    again = html.document_fromstring(desk.see("/merchant/stock/").content.decode())
    assert not again.xpath("//*[@aria-invalid]")


@pytest.mark.usefixtures("platform")
def test_a_code_isnt_carried_and_a_page_of_another_address_takes_nothing() -> None:
    desk = owner_of(make_merchant())
    sent = {"interval": "never", "day": "1", "password": "secret words", "code": "123456"}
    where = f"{desk.prefix}/merchant/money/plan/"
    answer = desk.post(
        where, sent, headers={"Referer": f"http://testserver{desk.prefix}/merchant/money/"}
    )
    assert answer.status_code == 302
    [kept] = [one for one in desk.cookies.values() if one.key.startswith("qc_typed")]
    assert kept["httponly"]
    found = signing.loads(kept.value, salt="storefront.typed")
    assert set(found["sent"]) == {"interval", "day"}
    assert "aria-invalid" not in desk.see("/merchant/stock/").content.decode()
    assert "aria-invalid" in desk.see("/merchant/money/").content.decode()


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("missing", ["do", "key"])
def test_a_button_or_key_that_is_missing_is_told_in_words_of_a_page(missing: str) -> None:
    browser = Browser("zh-hans")
    token = buy(browser, make_goods()).request["QUERY_STRING"].partition("t=")[2]
    order = marketplace.orders(limit=1).items[0]
    path = f"/orders/{public_id('ord', order.id)}/"
    sent = {"t": token, "do": "write", "key": str(uuid4()), "text": "什么时候发货？"}
    del sent[missing]
    page = browser.send(path + "messages/", f"{path}?t={token}", **sent).content.decode()
    assert "表单没有完整送达" in page
    assert "JSON" not in page
    form = next(one for one in html.document_fromstring(page).forms if "text" in one.fields)
    assert form.fields["text"] == sent["text"]
    assert not marketplace.messages_of(order_id=order.id)
