"""Contract templates: list, editor with preview, versions; for operators and merchants."""

import base64
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from certification.facade import TemplateInfo
from kernel.actors import current_actor, must_hold
from kernel.errors import DomainError, Forbidden, Invalid, Malformed, NotFound
from storefront import certified  # noqa: F401 - its states' words
from storefront.forms.contract_template import Editor
from storefront.lists import choice, window
from storefront.pages import done, language, merchant_desk, operator_desk, public
from storefront.pages import merchant_of as works_for

STATES = ["published", "draft", "retired"]
LANGUAGES = ("zh-Hans", "en", "both")
DESKS = {"merchant": merchant_desk, "operator": operator_desk}
TYPES = {
    "text": gettext_lazy("Line of text"),
    "long_text": gettext_lazy("Text of several lines"),
    "number": pgettext_lazy("field", "Number"),
    "money": gettext_lazy("Amount of money"),
    "quantity": gettext_lazy("Quantity with unit"),
    "date": gettext_lazy("Date"),
    "choice": gettext_lazy("One of several choices"),
    "party": gettext_lazy("One of the parties"),
    "table": gettext_lazy("Table"),
}
BLOCKS = {
    "heading": gettext_lazy("Heading"),
    "clause": gettext_lazy("Numbered clause"),
    "plain": gettext_lazy("Paragraph without number"),
    "table": gettext_lazy("Table"),
}
NEW: dict[str, Any] = {
    "title": {},
    "roles": [
        {"role": "seller", "label": {"zh-Hans": "甲方", "en": "Seller"}},
        {"role": "buyer", "label": {"zh-Hans": "乙方", "en": "Buyer"}},
    ],
    "fields": [],
    "body": [{"kind": "heading", "text": {}}, {"kind": "clause", "text": {}}],
}


def addresses(desk: str) -> list[URLPattern]:
    """The editor's addresses at one desk."""
    guard, base, more = DESKS[desk]("contracts"), f"{desk}/templates/", {"desk": desk}
    return [
        path(base, require_safe(guard(listing)), more, f"{desk}_templates"),
        path(f"{base}new/", require_http_methods(["GET", "HEAD", "POST"])(guard(new)), more,
             f"{desk}_template_new"),
        path(f"{base}load/", require_POST(guard(load)), more, f"{desk}_templates_load"),
        path(f"{base}<str:template>/", require_http_methods(["GET", "HEAD", "POST"])(guard(edit)),
             more, f"{desk}_template"),
        path(f"{base}<str:template>/act/", require_POST(guard(act)), more, f"{desk}_template_act"),
    ]  # fmt: skip


def listing(request: HttpRequest, desk: str) -> HttpResponse:
    """Templates by state and code: the platform's, and the merchant's own."""
    state = choice(request, "state", STATES)
    page = certification.templates_page(
        merchant_id=_merchant(request, desk), everything=desk == "operator", state=state,
        code=request.GET.get("code", "").strip()[:40] or None, **window(request),
    )  # fmt: skip
    context = {"page": page, "state": state, "states": STATES, "code": request.GET.get("code", ""),
               "may": _may()}  # fmt: skip
    return _shown(request, "templates", desk, context)


def new(request: HttpRequest, desk: str) -> HttpResponse:
    """A template of one's own, from nothing."""
    if request.method != "POST":
        return _editor(request, desk, None, Editor.of(NEW))
    _must()
    editor = Editor.posted(request.POST)
    if _only_shown(request, editor):
        return _editor(request, desk, None, editor, previews=_previews(request, editor))
    code = request.POST.get("code", "").strip()
    if not code.isidentifier() or not code.isascii() or not code.islower() or len(code) > 40:
        error = Invalid(_("The code is 2 to 40 of a-z, 0-9 and _, a letter first."), field="code")
        return _editor(request, desk, None, editor, error=error)
    definition = editor.definition()
    if editor.problems:
        return _editor(request, desk, None, editor)
    made = certification.create_contract_template(
        code=code, definition=definition, merchant_id=_merchant(request, desk)
    )
    return done(request, _("Saved as a draft. Publish it to draw up contracts from it."),
                f"storefront:{desk}_template", template=made.public_id)  # fmt: skip


def edit(request: HttpRequest, desk: str, template: str) -> HttpResponse:
    """One version: a draft can be changed, others are shown."""
    info = _readable(request, desk, template)
    if request.method != "POST":
        editor = Editor.of(info.definition)
        if info.state == "draft":
            editor.problems = list(certification.contract_template_problems(info.definition))
        previews = _previews(request, editor) if request.GET.get("preview") else None
        return _editor(request, desk, info, editor, previews=previews)
    _must()
    _own(request, desk, info)
    editor = Editor.posted(request.POST)
    if _only_shown(request, editor):
        return _editor(request, desk, info, editor, previews=_previews(request, editor))
    definition = editor.definition()
    if editor.problems:
        return _editor(request, desk, info, editor)
    info = certification.update_contract_template(template_id=info.id, definition=definition)
    if request.POST.get("do") != "publish":
        return done(request, _("Saved."), f"storefront:{desk}_template", template=template)
    try:
        certification.publish_contract_template(template_id=info.id)
    except certification.BadTemplate as error:
        editor.problems = list(error.problems)
        return _editor(request, desk, info, editor, error=error)
    return done(request, _("In use from now on; the version before is no longer used."),
                f"storefront:{desk}_template", template=template)  # fmt: skip


def act(request: HttpRequest, desk: str, template: str) -> HttpResponse:
    """Withdraw a version, or begin the next one as a draft."""
    _must()
    info = _readable(request, desk, template)
    if request.POST.get("do") == "retire":
        _own(request, desk, info)
        certification.retire_contract_template(template_id=info.id)
        return done(request, _("No new contracts are made from it; those made stay."),
                    f"storefront:{desk}_template", template=template)  # fmt: skip
    if request.POST.get("do") != "copy":
        raise Malformed
    owner = info.merchant_id if desk == "operator" else _merchant(request, desk)
    made = certification.create_contract_template(
        code=info.code, definition=info.definition, merchant_id=owner
    )
    return done(request, _("A draft of the next version. Change it, then publish."),
                f"storefront:{desk}_template", template=made.public_id)  # fmt: skip


def load(request: HttpRequest, desk: str) -> HttpResponse:
    """The templates that come with the product, once more."""
    if desk != "operator":
        raise Forbidden
    certification.load_contract_templates()
    return done(request, _("The shipped templates are up to date."), f"storefront:{desk}_templates")


def _only_shown(request: HttpRequest, editor: Editor) -> bool:
    """Whether the form asks for something that is only shown: a row more or less, a preview."""
    order = request.POST.get("do", "")
    if order == "preview":
        return True
    if order.partition(":")[0] in ("add", "up", "drop"):
        editor.change(order)
        return True
    return False


def _previews(request: HttpRequest, editor: Editor) -> list[str] | None:
    """The pages as pictures, when asked for; what is wrong goes into the editor."""
    if request.method == "POST" and request.POST.get("do") != "preview":
        return None
    try:
        definition = editor.definition()
        if editor.problems:
            return None
        pages = certification.contract_template_pictures(
            definition=definition, values={}, language=_tongue(request)
        )
    except certification.BadTemplate as error:
        editor.problems = list(error.problems)
        return None
    return [base64.b64encode(one).decode() for one in pages]


def _editor(
    request: HttpRequest,
    desk: str,
    info: TemplateInfo | None,
    editor: Editor,
    *,
    previews: list[str] | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    owner = _merchant(request, desk)
    versions = (
        certification.templates_page(
            merchant_id=owner, everything=desk == "operator", code=info.code, limit=50
        ).items
        if info
        else []
    )
    mine = info is None or desk == "operator" or info.merchant_id == owner
    context = {
        "template": info,
        "editor": editor,
        "rows": editor.shown(),
        "listed": editor.listed(),
        "versions": [one for one in versions if info and one.merchant_id == info.merchant_id],
        "previews": previews,
        "problem": error,
        "code": request.POST.get("code", ""),
        "mine": mine,
        "writable": mine and _may() and (info is None or info.state == "draft"),
        "may": _may(),
        "types": {one: TYPES.get(one, one) for one in certification.CONTRACT_FIELD_TYPES},
        "kinds": {one: BLOCKS.get(one, one) for one in certification.CONTRACT_BLOCKS},
        "tongue": _tongue(request),
    }
    status = 422 if error or (editor.problems and request.POST.get("do") == "publish") else 200
    return _shown(request, "template", desk, context, status)


def _tongue(request: HttpRequest) -> str:
    """In which language the preview is; the page's own unless another was chosen."""
    asked = request.POST.get("language") or request.GET.get("language")
    own = "zh-Hans" if language().startswith("zh") else "en"
    return asked if asked in LANGUAGES else own


def _shown(
    request: HttpRequest, name: str, desk: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    urls = {
        "list": reverse(f"storefront:{desk}_templates"),
        "new": reverse(f"storefront:{desk}_template_new"),
        "load": reverse(f"storefront:{desk}_templates_load"),
        "one": f"storefront:{desk}_template",
        "act": f"storefront:{desk}_template_act",
    }
    context |= {"desk_base": f"storefront/{desk}/base.html", "desk": desk, "urls": urls}
    return render(request, f"storefront/certification/{name}.html", context, status=status)


def _merchant(request: HttpRequest, desk: str) -> UUID | None:
    return works_for(request) if desk == "merchant" else None


def _may() -> bool:
    """Whether the person's role may change templates."""
    return current_actor().holds(_writer())


def _must() -> None:
    must_hold(_writer())


def _writer() -> str:
    return "company" if current_actor().kind == "merchant" else "contracts"


def _readable(request: HttpRequest, desk: str, template: str) -> TemplateInfo:
    """One's own, or a published one of the platform. Raises NotFound."""
    info = certification.contract_template(template_id=public("ctt", template))
    if desk == "operator" or (info.merchant_id and info.merchant_id == _merchant(request, desk)):
        return info
    if info.merchant_id is None and info.state != "draft":
        return info
    raise NotFound


def _own(request: HttpRequest, desk: str, info: TemplateInfo) -> None:
    if desk != "operator" and info.merchant_id != _merchant(request, desk):
        raise NotFound
