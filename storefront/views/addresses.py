"""A buyer's address book."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import DomainError, Forbidden
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from storefront.forms.addresses import AddressForm
from storefront.pages import done, language, person_of, pressed, public, signed_in
from storefront.views.account import put_error


@require_safe
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """All, the preferred one first."""
    rows = [
        {"info": one, "region": logistics.region_name(one.address.region, language())}
        for one in marketplace.addresses(buyer_id=_buyer(request))
    ]
    return render(request, "storefront/account/addresses.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, address: str = "") -> HttpResponse:
    """A new one, or one that is changed."""
    address_id = public("adr", address) if address else None
    buyer_id = _buyer(request)
    if request.method == "POST":
        form = AddressForm(request.POST, language=language())
        if form.is_valid():
            try:
                marketplace.save_address(
                    buyer_id=buyer_id,
                    contact=form.contact(),
                    address=form.address(),
                    address_id=address_id,
                    preferred=request.POST.get("preferred") == "on",
                )
            except DomainError as error:
                put_error(form, error)
            else:
                return done(request, _("The address is kept."), "storefront:addresses")
    else:
        initial = {}
        if address_id:
            initial = initial_of(marketplace.address(buyer_id=buyer_id, address_id=address_id))
        form = AddressForm(initial=initial, language=language())
    context = {"form": form, "address": address}
    status = 422 if form.errors else 200
    return render(request, "storefront/account/address.html", context, status=status)


@require_POST
@signed_in
def act(request: HttpRequest) -> HttpResponse:
    """Prefer one, or remove it."""
    address_id = public("adr", request.POST.get("address", ""))
    if pressed(request, "prefer", "remove") == "remove":
        marketplace.forget_address(buyer_id=_buyer(request), address_id=address_id)
        return done(request, _("The address was removed."), "storefront:addresses")
    marketplace.prefer_address(buyer_id=_buyer(request), address_id=address_id)
    return done(request, _("It is filled in from now on."), "storefront:addresses")


def initial_of(info: marketplace.SavedAddressInfo) -> dict[str, Any]:
    """The values of the form's fields."""
    return details_of(info.contact, info.address)


def details_of(contact: marketplace.Contact, address: logistics.Address) -> dict[str, Any]:
    """As ``initial_of``, from the parts."""
    return {
        "name": contact.name, "phone": contact.phone, "email": contact.email,
        "region": address.region, "city": address.city, "district": address.district,
        "line1": address.line1, "postcode": address.postcode,
    }  # fmt: skip


def labels_of(buyer_id: UUID) -> list[tuple[str, str]]:
    """Public id and one line for each address of the book, for a choice."""
    found = []
    for one in marketplace.addresses(buyer_id=buyer_id):
        region = logistics.region_name(one.address.region, language())
        where = " ".join((region, one.address.city, one.address.district, one.address.line1))
        found.append((public_id("adr", one.id), f"{one.contact.name} · {where}"))
    return found


def _buyer(request: HttpRequest) -> UUID:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person.id
