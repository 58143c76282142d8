"""The platform's first page at the operator's desk: blocks in order, drafts, a preview."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import facade as catalog
from kernel import clock
from kernel.audit import latest_for
from kernel.errors import DomainError, Malformed, NotFound
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.forms.home import BlockForm, initial_of
from storefront.pages import done, language, operator_desk, public, up_to
from storefront.views.account import put_error
from storefront.views.shop.home import shown

UPLOAD = 10 * 1024 * 1024


def _too_large() -> catalog.PictureTooLarge:
    return catalog.PictureTooLarge(field="picture")


@require_safe
@operator_desk("content")
def listing(request: HttpRequest) -> HttpResponse:
    """All blocks in the order in which they stand."""
    context = {
        "blocks": catalog.blocks(),
        "kinds": catalog.BlockKind,
        "moment_now": clock.business(),
    }
    return render(request, "storefront/operator/home.html", context)


@require_safe
@operator_desk("content")
def preview(request: HttpRequest) -> HttpResponse:
    """The first page as it would be if all drafts were published."""
    return shown(request, catalog.home_blocks(language=language(), preview=True), preview=True)


@up_to(UPLOAD, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("content")
def new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A new block of a kind."""
    if kind not in catalog.BlockKind.values:
        raise NotFound
    return _edited(request, catalog.BlockKind(kind), None)


@up_to(UPLOAD, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("content")
def one(request: HttpRequest, block: str) -> HttpResponseBase:
    """A block: its draft, whether it is shown, what became of it."""
    info = catalog.block(public("hbl", block))
    return _edited(request, info.kind, info)


@require_POST
@operator_desk("content")
def act(request: HttpRequest, block: str) -> HttpResponse:
    """Publish a block, take it off, move or remove it."""
    key, what = public("hbl", block), request.POST.get("do", "")
    if what in ("up", "down"):
        catalog.move_block(block_id=key, by=-1 if what == "up" else 1)
        return done(request, _("The order is changed."), "storefront:operator_home")
    if what == "remove":
        catalog.remove_block(block_id=key)
        return done(request, _("The block is removed."), "storefront:operator_home")
    if what == "publish":
        catalog.publish_block(block_id=key)
        text = _("Visitors see it now, in its time and languages.")
    elif what == "unpublish":
        catalog.unpublish_block(block_id=key)
        text = _("It is off the page; the draft stays.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_block", block=block)


def _edited(
    request: HttpRequest, kind: catalog.BlockKind, info: catalog.BlockInfo | None
) -> HttpResponse:
    locales = platforms.get_platform().locales
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BlockForm(
        *posted,
        kind=kind,
        tree=catalog.category_tree(language=language()),
        info=info,
        locales=locales,
        initial=initial_of(info, locales) if info else {},
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, kind, info)
            return done(
                request, _("Saved as a draft."), "storefront:operator_block",
                block=public_id("hbl", saved.id),
            )  # fmt: skip
        except DomainError as error:
            put_error(form, error)
    context: dict[str, Any] = {
        "form": form,
        "info": info,
        "kind": kind,
        "history": latest_for(info.id, limit=50) if info else [],
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/block.html", context, status=status)


def _save(
    form: BlockForm, kind: catalog.BlockKind, info: catalog.BlockInfo | None
) -> catalog.BlockInfo:
    """The picture is stored first, and goes by itself if the rest is refused."""
    picture_id: UUID | None = info.draft.picture_id if info else None
    file = form.cleaned_data.get("picture")
    if file is not None:
        try:
            stored = catalog.store_media(
                data=file.read(), filename=file.name or "", merchant_id=None
            )
        except (catalog.PictureUnreadable, catalog.PictureTooLarge) as error:
            raise type(error)(field="picture") from error
        picture_id = stored.id
    content = form.content(picture_id)
    if info is None:
        return catalog.create_block(kind=kind, content=content)
    return catalog.change_block(block_id=info.id, content=content)
