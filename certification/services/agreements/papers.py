"""Putting a contract's document together and typesetting it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from certification.contracts.agreements import ContractLanguage, PartyInfo
from certification.errors.agreements import TypesettingFailed
from certification.wording import templates
from certification.wording.fields import in_language
from kernel.typeset import Rendered, TypesetFailed, pictures, render

TEMPLATE = Path(templates.__file__).with_name("contract.typ")


def languages_of(language: str) -> list[str]:
    if language == ContractLanguage.BOTH:
        return ["zh-Hans", "en"]
    return [str(language)]


def paper(
    *,
    definition: Mapping[str, Any],
    values: Mapping[str, Any],
    parties: Sequence[PartyInfo],
    number: str,
    mark: str,
    language: str,
) -> dict[str, Any]:
    """Everything that the page shows, as plain strings."""
    tongues = languages_of(language)
    main = tongues[0]
    names = {party.role: party.name for party in parties}
    labels = {role["role"]: in_language(role["label"], main) for role in definition["roles"]}
    with translation.override("zh-hans" if main == "zh-Hans" else "en"):
        numbered = _("Contract number: %(number)s") % {"number": number}
        closing = _("Signed by the parties:")
        here = _("Signature and seal")
    return {
        "languages": tongues,
        "title": in_language(definition["title"], main),
        "subtitle": definition["title"].get("en", "") if len(tongues) > 1 else "",
        "number": number,
        "numbered": numbered,
        "version": mark,
        "closing": closing,
        "sign-here": here,
        "labels": "",
        "parties": [
            {
                "role": party.role,
                "label": labels.get(party.role, party.role),
                "name": party.name,
                "detail": party.detail,
            }
            for party in parties
        ],
        "sides": [templates.assemble(definition, values, language=t, names=names) for t in tongues],
    }


def typeset(data: Mapping[str, Any], *, at: datetime, bounded: bool = True) -> Rendered:
    """The PDF. Raises TypesettingFailed."""
    try:
        return render(TEMPLATE, data, at=at, bounded=bounded)
    except TypesetFailed as error:
        raise TypesettingFailed(str(error)) from error


def page_pictures(data: Mapping[str, Any], *, pages: int = 20) -> Sequence[bytes]:
    """The pages as PNG. Raises TypesettingFailed."""
    try:
        return pictures(TEMPLATE, data, pages=pages)
    except TypesetFailed as error:
        raise TypesettingFailed(str(error)) from error
