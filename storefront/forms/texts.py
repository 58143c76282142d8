"""Texts in every language of the platform: a field for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.goods import language_name


class TextsForm(forms.Form):
    """A form some of whose texts stand once for each language: ``about_0``, ``about_1``…"""

    def __init__(self, *args: Any, locales: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.locales = tuple(locales)

    def add_texts(
        self, name: str, label: Any, *, longest: int, rows: int = 0, needed: bool = False,
        hint: Any = "",
    ) -> None:  # fmt: skip
        """Fields for one text; with ``rows`` it has several lines, ``needed`` in the platform's
        main language."""
        for place, tag in enumerate(self.locales):
            attrs: dict[str, Any] = {"lang": tag}
            self.fields[f"{name}_{place}"] = forms.CharField(
                label=_("%(label)s (%(language)s)")
                % {"label": label, "language": language_name(tag)},
                max_length=longest,
                required=needed and place == 0,
                help_text=hint if place == 0 else "",
                widget=forms.Textarea(attrs=attrs | {"rows": rows})
                if rows
                else forms.TextInput(attrs=attrs),
            )

    def texts(self, name: str) -> dict[str, str]:
        """What was written, by language."""
        found = {tag: self.cleaned_data[f"{name}_{n}"] for n, tag in enumerate(self.locales)}
        return {tag: text for tag, text in found.items() if text}


def texts_initial(locales: Sequence[str], **texts: Mapping[str, str]) -> dict[str, str]:
    """The fields' values of texts by their names."""
    return {
        f"{name}_{place}": known.get(tag, "")
        for name, known in texts.items()
        for place, tag in enumerate(locales)
    }
