"""The address book's form: the checkout's fields without what belongs to an order."""

from typing import Any

from storefront.forms.checkout import CheckoutForm


class AddressForm(CheckoutForm):
    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        del self.fields["note"]
        for name in [name for name in self.fields["region"].widget.attrs if name[:3] == "hx-"]:
            del self.fields["region"].widget.attrs[name]
