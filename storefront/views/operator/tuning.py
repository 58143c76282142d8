"""Search tuning: reports, rules, synonyms, redirects, weights, preview, versions; and the index."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog import facade as catalog
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from search import facade as search
from storefront import words
from storefront.forms.tuning import Redirect, Rule, Synonym
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import done, language, operator_desk, pressed, public, sent_back, words_of

REPORTS = {
    "popular": gettext_lazy("Popular"),
    "empty": gettext_lazy("Found nothing"),
    "unclicked": gettext_lazy("Seldom opened"),
}
KINDS = {
    "pin": gettext_lazy("Pinned"),
    "bury": gettext_lazy("Moved down"),
    "boost": gettext_lazy("Lifted"),
}
DAYS = (7, 30, 90)
FIELDS = [
    ("brand", gettext_lazy("brand")),
    ("origin", gettext_lazy("origin")),
    ("merchant", gettext_lazy("merchant (its id)")),
    ("region", gettext_lazy("region (its code)")),
    ("stock", gettext_lazy("stock (in_stock)")),
    ("category", gettext_lazy("category (its path)")),
]
PARTS = ("phrase", "all_words", "code", "code_part", "pinyin", "synonym")
LABELS = {
    "title": gettext_lazy("Title"),
    "words": gettext_lazy("Brand, category, merchant, attributes"),
    "text": gettext_lazy("Description"),
    "in_stock": gettext_lazy("In stock"),
    "sales": gettext_lazy("How well it sells"),
    "rating": gettext_lazy("Rating"),
    "phrase": gettext_lazy("Words side by side, as typed"),
    "all_words": gettext_lazy("All words of the search"),
    "code": gettext_lazy("Exact SKU or barcode"),
    "code_part": gettext_lazy("Part of a SKU"),
    "pinyin": gettext_lazy("Pinyin"),
    "synonym": gettext_lazy("Synonyms instead of the word"),
}
_REMOVERS: dict[str, tuple[str, Callable[..., None], str]] = {
    "rule": ("srl", search.remove_rule, "rule_id"),
    "synonym": ("syn", search.remove_synonym, "synonym_id"),
    "redirect": ("srd", search.remove_redirect, "redirect_id"),
}
_SWITCHES: dict[str, tuple[str, Callable[..., Any], str]] = {
    "rule": ("srl", search.update_rule, "rule_id"),
    "synonym": ("syn", search.update_synonym, "synonym_id"),
    "redirect": ("srd", search.update_redirect, "redirect_id"),
}


@require_safe
@operator_desk("search")
def report(request: HttpRequest) -> HttpResponseBase:
    """What people search for, and the synonyms proposed from it."""
    kind = choice(request, "kind", REPORTS) or "popular"
    days = int(choice(request, "days", [str(one) for one in DAYS]) or 30)
    if "csv" in request.GET:
        rows = every(search.report, kind=kind, days=days)
        header = (_("Search"), _("Language"), _("Visits"), _("Found nothing"), _("Opened"))
        return csv_answer(
            f"search-{kind}-{days}",
            header,
            ((one.query, one.language, one.searches, one.empty, one.clicks) for one in rows),
        )
    context = {
        "page": search.report(kind=kind, days=days, **window(request)),
        "proposals": search.proposals()[:20],
        "kinds": REPORTS,
        "kind": kind,
        "days": days,
        "spans": DAYS,
        **_common(),
    }
    return render(request, "storefront/operator/search_report.html", context)


@require_POST
@operator_desk("search")
def propose(request: HttpRequest) -> HttpResponse:
    """Accept or decline a proposed synonym."""
    pair = {name: request.POST.get(name, "")[:60] for name in ("before", "after")}
    if pressed(request, "accept", "decline") == "decline":
        search.decline_synonym(**pair)
        return done(request, _("It isn't proposed again."), "storefront:operator_search")
    _made, version = search.accept_synonym(**pair)
    text = (
        _("Accepted, and in use from now on.")
        if version
        else _("Accepted into the draft; publish it with the other changes there.")
    )
    return done(request, text, "storefront:operator_search")


@require_safe
@operator_desk("search")
def rules(request: HttpRequest) -> HttpResponse:
    """Pins, buries and boosts; redirects and synonyms beside them."""
    context = {
        "page": search.rules(kind=choice(request, "kind", KINDS), **window(request)),
        "kinds": KINDS,
        "synonyms": search.synonyms(limit=100).items,
        "redirects": search.redirects(limit=100).items,
        **_common(),
    }
    return render(request, "storefront/operator/search_rules.html", context)


@operator_desk("search")
def new_rule(request: HttpRequest) -> HttpResponse:
    """A rule for the draft."""
    form = Rule(request.POST or None, categories=_categories(), fields=_fields())
    return _new(request, form, lambda: search.create_rule(**form.rule()), _("New rule"))


@operator_desk("search")
def new_synonym(request: HttpRequest) -> HttpResponse:
    """A group of synonyms for the draft."""
    form = Synonym(request.POST or None)
    return _new(
        request, form, lambda: search.create_synonym(**form.cleaned_data), _("New synonyms")
    )


@operator_desk("search")
def new_redirect(request: HttpRequest) -> HttpResponse:
    """A redirect for the draft."""
    form = Redirect(request.POST or None)
    return _new(
        request, form, lambda: search.create_redirect(**form.cleaned_data), _("New redirect")
    )


@require_POST
@operator_desk("search")
def act(request: HttpRequest, kind: str, thing: str) -> HttpResponse:
    """Switch a thing of the draft on or off, or take it out."""
    if kind not in _REMOVERS:
        raise NotFound
    what = pressed(request, "on", "off", "remove")
    if what == "remove":
        prefix, remove, name = _REMOVERS[kind]
        remove(**{name: public(prefix, thing)})
        return done(request, _("Taken out of the draft."), "storefront:operator_search_rules")
    prefix, update, name = _SWITCHES[kind]
    on = what == "on"
    update(**{name: public(prefix, thing), "changes": {"enabled": on}})
    return done(request, _("Changed in the draft."), "storefront:operator_search_rules")


@operator_desk("search")
def weights(request: HttpRequest) -> HttpResponse:
    """The draft's weights, with a preview side by side."""
    names = search.weight_names()
    if request.method == "POST":
        query = request.POST.get("q", "")
        try:
            search.set_weights(weights=_posted(request, names))
        except DomainError as error:
            return sent_back(request, error, request.get_full_path())
        answer = done(request, _("The draft has these weights."), "storefront:operator_weights")
        if query:
            answer["Location"] += f"?q={query}"
        return answer
    text = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {"groups": _groups(names), "q": text, **_common()}
    if text or request.GET.get("category"):
        try:
            context["preview"] = search.preview(
                text=text, category=request.GET.get("category", "")[:500], language=language()
            )
        except DomainError as error:
            context["refused"] = words_of(error)
    return render(request, "storefront/operator/search_preview.html", context)


@require_safe
@operator_desk("search")
def versions(request: HttpRequest) -> HttpResponse:
    """What was published."""
    context = {"page": search.versions(**window(request)), **_common()}
    return render(request, "storefront/operator/search_versions.html", context)


@require_POST
@operator_desk("search")
def publish(request: HttpRequest) -> HttpResponse:
    """Publish or discard the draft, or publish an earlier version again."""
    what = request.POST.get("do", "")
    if what not in ("publish", "discard") and not (what.isascii() and what.isdigit()):
        raise Malformed
    if what == "discard":
        search.discard()
        return done(request, _("The draft is as published again."), "storefront:operator_versions")
    if what != "publish":
        made = search.restore(number=int(what[:9]))
        text = _("Version %(old)s is in use again, as version %(new)s.") % {
            "old": what, "new": made.number,
        }  # fmt: skip
        return done(request, text, "storefront:operator_versions")
    made = search.publish(note=request.POST.get("note", "")[:200])
    text = _("Version %s is in use from now on.") % made.number
    return done(request, text, "storefront:operator_versions")


@require_safe
@operator_desk("search")
def index(request: HttpRequest) -> HttpResponse:
    """How the index is: what waits, what is under way, what couldn't be indexed and why."""
    context = {
        "state": search.index_state(),
        "page": search.set_aside(**window(request)),
        "works": words.INDEX_WORK,
        **_common(),
    }
    return render(request, "storefront/operator/search_index.html", context)


@require_POST
@operator_desk("search")
def retry(request: HttpRequest) -> HttpResponse:
    """Try to index again what was set aside: one document, or all of them."""
    one = request.POST.get("one", "")
    count = search.retry(change_id=public("sch", one) if one else None)
    text = ngettext(
        "%(n)s document is tried again.", "%(n)s documents are tried again.", count
    ) % {"n": count}  # fmt: skip
    return done(request, text, "storefront:operator_index")


def _new(request: HttpRequest, form: Any, create: Callable[[], Any], heading: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            create()
        except Invalid as error:
            for problem in error.problems or ():
                name = problem.field.partition(".")[0]
                name = {"condition": "values"}.get(name, name)
                form.add_error(name if name in form.fields else None, str(problem.problem))
            if not error.problems:
                form.add_error(None, words_of(error))
        except DomainError as error:
            form.add_error(None, words_of(error))
        else:
            text = _("In the draft now. Look at the preview, then publish it.")
            return done(request, text, "storefront:operator_search_rules")
    context = {"form": form, "title": heading, **_common()}
    status = 422 if request.method == "POST" else 200
    return render(request, "storefront/operator/search_form.html", context, status=status)


def _common() -> dict[str, Any]:
    return {"draft": search.draft()}


def _categories() -> list[tuple[str, str]]:
    found = []
    waiting = [(node, 0) for node in reversed(catalog.category_tree(language=language()))]
    while waiting:
        node, depth = waiting.pop()
        found.append((node.path, f"{'— ' * depth}{node.name}"))
        waiting += [(child, depth + 1) for child in reversed(node.children)]
    return found


def _fields() -> list[tuple[str, Any]]:
    return [*FIELDS, *search.attribute_choices(language=language())]


def _groups(names: dict[str, set[str]]) -> list[dict[str, Any]]:
    """The weights as fields of a form: what is set, and what it is otherwise."""
    kept = search.draft().weights
    plain = search.plain_weights()
    groups = [
        {
            "title": title,
            "fields": [
                {"name": f"{group}.{name}", "label": LABELS.get(name, name),
                 "plain": plain[group].get(name, ""), "value": kept.get(group, {}).get(name, "")}
                for name in sorted(names[group])
            ],
        }
        for group, title in (("buckets", _("Where words stand")), ("signals", _("Besides words")))
    ]  # fmt: skip
    parts = [
        {
            "name": name,
            "label": LABELS[name],
            "plain": plain["parts"][name],
            "value": kept.get(name, ""),
        }
        for name in PARTS
    ]
    return [*groups, {"title": _("How words match"), "fields": parts}]


def _posted(request: HttpRequest, names: dict[str, set[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {"buckets": {}, "signals": {}}
    for group in ("buckets", "signals"):
        for name in names[group]:
            value = request.POST.get(f"{group}.{name}", "").strip()
            if value:
                found[group][name] = value
    for name in PARTS:
        found[name] = request.POST.get(name, "").strip() or None
    return found
