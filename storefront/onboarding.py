"""An application as pages show it: step bar, timeline, what is needed next."""

from typing import Any

from django.utils.translation import gettext as _

from catalog import facade as catalog
from journeys import facade as journeys
from storefront.templatetags.shop import said
from storefront.words import onboarding as words

S = journeys.ApplicationState
_PLACE = {S.DRAFT: 0, S.IN_REVIEW: 3, S.NEEDS_MORE: 3, S.APPROVED: 4, S.OPEN: 6}


def steps(info: journeys.ApplicationInfo | None, terms: journeys.OnboardingTerms) -> list[Any]:
    """The step bar; what the platform doesn't ask for isn't a step."""
    names = [
        (0, _("Fill in the form")),
        (1, _("Identity")),
        (2, _("Agreement")),
        (3, _("Review")),
        (4, _("Set up the shop")),
        (5, _("Shop open")),
    ]
    shown = [
        (place, name)
        for place, name in names
        if not (place == 1 and terms.level == "none") and not (place == 2 and not terms.agreement)
    ]
    now = _now(info)
    stopped = info is not None and info.state in (S.REFUSED, S.WITHDRAWN, S.CLOSED)
    return [
        {
            "name": name,
            "state": "done" if place < now else "now" if place == now and not stopped
            else "stopped" if place == now else "later",
        }
        for place, name in shown
    ]  # fmt: skip


def _now(info: journeys.ApplicationInfo | None) -> int:
    if info is None:
        return 0
    if info.state in _PLACE:
        return _PLACE[info.state]
    if info.state == S.SUBMITTED:
        return 2 if info.contract_id else 1
    return 3 if any(one.what == "in_review" for one in info.entries) else 1


def next_step(info: journeys.ApplicationInfo | None) -> str:
    """One sentence on what is needed."""
    if info is None:
        return str(words.NEXT["draft"])
    if info.state == S.SUBMITTED:
        if info.contract_id:
            return _("Sign the agreement for your company; the review follows then.")
        return _("The company's identity is being proven. See to it if anything is missing.")
    return str(words.NEXT.get(str(info.state), ""))


def timeline(info: journeys.ApplicationInfo) -> list[dict[str, Any]]:
    """The lines of the timeline component, oldest first."""
    actors = {"buyer": _("Applicant"), "merchant": _("Applicant"), "operator": _("Operator")}
    return [
        {
            "title": _title(one),
            "at": one.at,
            "actor": actors.get(one.actor, _("The platform")),
            "bad": one.what in ("refused", "closed", "not_approved"),
            "document": "",
        }
        for one in info.entries
    ]


def _title(one: journeys.EntryInfo) -> str:
    name = str(words.ENTRIES.get(one.what, one.what))
    about = str(journeys.DocumentKind(one.kind).label) if one.kind else ""
    return ": ".join(part for part in (name, about, one.text) if part)


def category_names(info: journeys.ApplicationInfo) -> list[str]:
    """What the categories are called, with those above."""
    trails = catalog.category_trails(info.fields.categories)
    return [" / ".join(said(step.names) for step in trail) for trail in trails.values()]


def asked_papers(info: journeys.ApplicationInfo) -> list[tuple[str, str]]:
    """What the operator asks for: (paper's name or nothing, words)."""
    return [
        (str(journeys.DocumentKind(kind).label) if kind else "", text)
        for kind, text in info.asked.items()
    ]
