"""An operator's tuning: the draft's rules, synonyms, redirects and weights, and its versions."""

from typing import Any

from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, ListQuery, check_if_match, set_etag
from kernel.errors import Invalid, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from search.api.routes import RedirectId, RuleId, SynonymId, VersionId, routes
from search.api.tuning_shapes import (
    DRAFT_EXAMPLE,
    REDIRECT_EXAMPLE,
    REDIRECT_REQUEST,
    RULE_EXAMPLE,
    RULE_REQUEST,
    SYNONYM_EXAMPLE,
    SYNONYM_REQUEST,
    VERSION_EXAMPLE,
    DraftOut,
    PublishIn,
    RedirectChange,
    RedirectIn,
    RedirectOut,
    RuleChange,
    SearchRuleIn,
    SearchRuleOut,
    SynonymChange,
    SynonymIn,
    SynonymOut,
    VersionOut,
    WeightsIn,
    draft_out,
    redirect_out,
    rule_out,
    synonym_out,
    version_out,
)
from search.errors import NothingToPublish, TooManyRules
from search.selectors import tuning as selectors
from search.services import merchandising, publishing

READ: dict[str, Any] = {"audience": {"operator"}, "scope": "search:read", "permission": "search"}
WRITE: dict[str, Any] = {**READ, "scope": "search:write"}
SORTS: dict[str, tuple[str, ...]] = {"-created_at": ("-id",), "created_at": ("id",)}
CHANGING = (Invalid, PreconditionFailed)


def _listed(example: dict[str, Any]) -> dict[str, Any]:
    return {"data": [example], "has_more": False, "next_cursor": None}


def _list(q: ListQuery) -> dict[str, Any]:
    return {
        "order": q.order(SORTS, "-created_at"), "updated_since": q.updated_since,
        "cursor": q.cursor, "limit": q.limit,
    }  # fmt: skip


def _given(body: Any, *, nullable: tuple[str, ...] = ("starts_at", "ends_at")) -> dict[str, Any]:
    """What a change names; null takes a date out and leaves anything else as it is."""
    found = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if name in nullable or getattr(body, name) is not None
    }
    if "product_ids" in found:
        found["product_ids"] = [public_id("prd", one) for one in found["product_ids"]]
    return found


@routes.get("/search/rules", summary="Pins, buries and boosts of the draft",
            response=ListOf[SearchRuleOut], example=_listed(RULE_EXAMPLE), **READ)  # fmt: skip
def list_rules(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return selectors.rules(**_list(q)).map(rule_out)


@routes.post("/search/rules", summary="Pin, bury or boost; acts once published", status=201,
             response=SearchRuleOut, errors=(TooManyRules,), example=RULE_EXAMPLE,
             request_example=RULE_REQUEST, **WRITE)  # fmt: skip
def create_rule(request: ApiRequest, body: SearchRuleIn) -> dict[str, Any]:
    values = body.model_dump() | {"product_ids": [public_id("prd", p) for p in body.product_ids]}
    info = merchandising.create_rule(**values)
    set_etag(request, info.version)
    return rule_out(info)


@routes.get("/search/rules/{rule_id}", summary="One rule", response=SearchRuleOut,
            example=RULE_EXAMPLE, **READ)  # fmt: skip
def get_rule(request: ApiRequest, rule_id: RuleId) -> dict[str, Any]:
    info = selectors.rule(rule_id)
    set_etag(request, info.version)
    return rule_out(info)


@routes.patch("/search/rules/{rule_id}", summary="Change a rule of the draft",
              response=SearchRuleOut, errors=CHANGING, example=RULE_EXAMPLE,
              request_example={"enabled": False},
              **WRITE)  # fmt: skip
def update_rule(request: ApiRequest, rule_id: RuleId, body: RuleChange) -> dict[str, Any]:
    info = merchandising.update_rule(
        rule_id=rule_id, changes=_given(body), check=lambda v: check_if_match(request, v)
    )
    set_etag(request, info.version)
    return rule_out(info)


@routes.delete("/search/rules/{rule_id}", summary="Take a rule out of the draft", status=204,
               response=None, **WRITE)  # fmt: skip
def remove_rule(request: ApiRequest, rule_id: RuleId) -> None:
    merchandising.remove_rule(rule_id=rule_id)


@routes.get("/search/synonyms", summary="Synonyms of the draft", response=ListOf[SynonymOut],
            example=_listed(SYNONYM_EXAMPLE), **READ)  # fmt: skip
def list_synonyms(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return selectors.synonyms(**_list(q)).map(synonym_out)


@routes.post("/search/synonyms", summary="Words that mean the same; they act once published",
             status=201, response=SynonymOut, errors=(TooManyRules,), example=SYNONYM_EXAMPLE,
             request_example=SYNONYM_REQUEST, **WRITE)  # fmt: skip
def create_synonym(request: ApiRequest, body: SynonymIn) -> dict[str, Any]:
    info = merchandising.create_synonym(**body.model_dump())
    set_etag(request, info.version)
    return synonym_out(info)


@routes.get("/search/synonyms/{synonym_id}", summary="One group of synonyms",
            response=SynonymOut, example=SYNONYM_EXAMPLE, **READ)  # fmt: skip
def get_synonym(request: ApiRequest, synonym_id: SynonymId) -> dict[str, Any]:
    info = selectors.synonym(synonym_id)
    set_etag(request, info.version)
    return synonym_out(info)


@routes.patch("/search/synonyms/{synonym_id}", summary="Change a group of synonyms",
              response=SynonymOut, errors=CHANGING, example=SYNONYM_EXAMPLE,
              request_example={"terms": ["玉米", "苞米"]}, **WRITE)  # fmt: skip
def update_synonym(
    request: ApiRequest, synonym_id: SynonymId, body: SynonymChange
) -> dict[str, Any]:
    info = merchandising.update_synonym(
        synonym_id=synonym_id, changes=_given(body), check=lambda v: check_if_match(request, v)
    )
    set_etag(request, info.version)
    return synonym_out(info)


@routes.delete("/search/synonyms/{synonym_id}", summary="Take a group out of the draft",
               status=204, response=None, **WRITE)  # fmt: skip
def remove_synonym(request: ApiRequest, synonym_id: SynonymId) -> None:
    merchandising.remove_synonym(synonym_id=synonym_id)


@routes.get("/search/redirects", summary="Redirects of the draft",
            response=ListOf[RedirectOut], example=_listed(REDIRECT_EXAMPLE), **READ)  # fmt: skip
def list_redirects(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return selectors.redirects(**_list(q)).map(redirect_out)


@routes.post("/search/redirects", summary="Lead a query to a page; acts once published",
             status=201, response=RedirectOut, errors=(TooManyRules,), example=REDIRECT_EXAMPLE,
             request_example=REDIRECT_REQUEST, **WRITE)  # fmt: skip
def create_redirect(request: ApiRequest, body: RedirectIn) -> dict[str, Any]:
    info = merchandising.create_redirect(**body.model_dump())
    set_etag(request, info.version)
    return redirect_out(info)


@routes.get("/search/redirects/{redirect_id}", summary="One redirect", response=RedirectOut,
            example=REDIRECT_EXAMPLE, **READ)  # fmt: skip
def get_redirect(request: ApiRequest, redirect_id: RedirectId) -> dict[str, Any]:
    info = selectors.redirect(redirect_id)
    set_etag(request, info.version)
    return redirect_out(info)


@routes.patch("/search/redirects/{redirect_id}", summary="Change a redirect",
              response=RedirectOut, errors=CHANGING, example=REDIRECT_EXAMPLE,
              request_example={"target": "/cart/"}, **WRITE)  # fmt: skip
def update_redirect(
    request: ApiRequest, redirect_id: RedirectId, body: RedirectChange
) -> dict[str, Any]:
    info = merchandising.update_redirect(
        redirect_id=redirect_id, changes=_given(body), check=lambda v: check_if_match(request, v)
    )
    set_etag(request, info.version)
    return redirect_out(info)


@routes.delete("/search/redirects/{redirect_id}", summary="Take a redirect out of the draft",
               status=204, response=None, **WRITE)  # fmt: skip
def remove_redirect(request: ApiRequest, redirect_id: RedirectId) -> None:
    merchandising.remove_redirect(redirect_id=redirect_id)


@routes.get("/search/tuning", summary="The draft: weights, and what differs from what is published",
            response=DraftOut, example=DRAFT_EXAMPLE, **READ)  # fmt: skip
def get_draft(request: ApiRequest) -> dict[str, Any]:
    info = selectors.draft()
    set_etag(request, info.version)
    return draft_out(info)


@routes.put("/search/tuning/weights", summary="Set the draft's weights", response=DraftOut,
            errors=CHANGING, example=DRAFT_EXAMPLE,
            request_example={"signals": {"in_stock": "2"}}, **WRITE)  # fmt: skip
def set_weights(request: ApiRequest, body: WeightsIn) -> dict[str, Any]:
    merchandising.set_weights(
        weights=body.model_dump(), check=lambda version: check_if_match(request, version)
    )
    return get_draft(request)


@routes.post("/search/tuning/publish", summary="Make the draft what searches use",
             response=VersionOut, errors=(NothingToPublish,), example=VERSION_EXAMPLE,
             request_example={"note": "春播"}, **WRITE)  # fmt: skip
def publish(request: ApiRequest, body: PublishIn) -> dict[str, Any]:
    return version_out(publishing.publish(note=body.note))


@routes.post("/search/tuning/discard", summary="Take the draft back to what is published",
             response=DraftOut, example=DRAFT_EXAMPLE, **WRITE)  # fmt: skip
def discard(request: ApiRequest) -> dict[str, Any]:
    return draft_out(publishing.discard())


@routes.get("/search/tuning/versions", summary="What was published, newest first",
            response=ListOf[VersionOut], example=_listed(VERSION_EXAMPLE), **READ)  # fmt: skip
def list_versions(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    order = q.order({"-number": ("-number",), "number": ("number",)}, "-number")
    page = selectors.versions(
        order=order, updated_since=q.updated_since, cursor=q.cursor, limit=q.limit
    )
    return page.map(version_out)


@routes.post("/search/tuning/versions/{version_id}/restore",
             summary="Publish an earlier version again", response=VersionOut,
             errors=(NothingToPublish,), example=VERSION_EXAMPLE, **WRITE)  # fmt: skip
def restore(request: ApiRequest, version_id: VersionId) -> dict[str, Any]:
    number = selectors.version_number(version_id)
    return version_out(publishing.restore(number=number))
