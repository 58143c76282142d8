"""Contract templates: draft, publish, retire, new versions, preview; those shipped with us."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.agreements import PartyInfo, TemplateInfo, TemplateState
from certification.errors.agreements import BadTemplate, BadValues, TemplateNotDraft
from certification.models import ContractTemplate
from certification.selectors.agreements import template_info
from certification.services.agreements import papers
from certification.wording import fields
from certification.wording.templates import check
from kernel import audit, clock
from kernel.errors import Conflict, Invalid
from kernel.transactions import atomic
from kernel.typeset import Rendered

SHIPPED = (
    "corn_sale", "agency_mandate", "government_purchase", "merchant_agreement", "order_sale",
    "patent_licence", "service",
)  # fmt: skip
CHAINED = ("amendment", "termination")
_FOLDER = Path(__file__).parent.parent / "contract_templates"
SIZE_MAX = 200_000  # bytes of a definition as JSON


def create_template(
    *,
    code: str,
    definition: Mapping[str, Any],
    merchant_id: UUID | None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> TemplateInfo:
    """A draft: the first version of ``code``, or the next. Incomplete ones may be saved.

    Raises BadTemplate, Conflict for an external_id in use.
    """
    _bounded(definition)
    with atomic():
        newest = (
            ContractTemplate.objects.filter(code=code, merchant_id=merchant_id)
            .order_by("-number")
            .first()
        )
        row = ContractTemplate(
            code=code, number=newest.number + 1 if newest else 1, merchant_id=merchant_id,
            definition=dict(definition), external_id=external_id, metadata=dict(metadata or {}),
        )  # fmt: skip
        row.touch()
        ContractTemplate.objects.bulk_create([row], ignore_conflicts=True)
        if not ContractTemplate.objects.filter(id=row.id).exists():
            raise Conflict(field="external_id" if external_id else "code")
        audit.record(
            action="certification.template.created",
            target=row,
            after={"code": code, "number": row.number},
        )
    return template_info(row)


def update_template(*, template_id: UUID, definition: Mapping[str, Any]) -> TemplateInfo:
    """Replace a draft's definition. Raises NotFound, TemplateNotDraft, BadTemplate."""
    _bounded(definition)
    with atomic():
        row = locks.template(template_id)
        if row.state != TemplateState.DRAFT:
            raise TemplateNotDraft(state=row.state)
        row.definition = dict(definition)
        row.save()
        audit.record(action="certification.template.changed", target=row)
    return template_info(row)


def publish_template(*, template_id: UUID) -> TemplateInfo:
    """From now on contracts are made from this version; the one before is retired.

    Raises NotFound, BadTemplate with everything that is wrong, InvalidTransition.
    """
    with atomic():
        row = locks.template(template_id)
        if row.state == TemplateState.PUBLISHED:
            return template_info(row)
        problems = check(row.definition)
        if problems:
            raise BadTemplate(problems=problems)
        others = ContractTemplate.objects.select_for_update().filter(
            code=row.code, merchant_id=row.merchant_id, state=TemplateState.PUBLISHED
        )
        for other in others:
            other.move(TemplateState.RETIRED, action="certification.template.retired")
            other.save()
        row.move(TemplateState.PUBLISHED, action="certification.template.published")
        row.save()
    return template_info(row)


def retire_template(*, template_id: UUID) -> TemplateInfo:
    """No new contracts are made from it; those made stay. Raises NotFound."""
    with atomic():
        row = locks.template(template_id)
        if row.state != TemplateState.RETIRED:
            row.move(TemplateState.RETIRED, action="certification.template.retired")
            row.save()
    return template_info(row)


def preview(
    *, definition: Mapping[str, Any], values: Mapping[str, Any], language: str
) -> tuple[dict[str, Any], Rendered]:
    """How a contract of this template would look; missing values show as a dash.

    Raises BadTemplate, BadValues, TypesettingFailed.
    """
    data = preview_paper(definition=definition, values=values, language=language)
    return data, papers.typeset(data, at=clock.business())


def preview_pictures(
    *, definition: Mapping[str, Any], values: Mapping[str, Any], language: str
) -> Sequence[bytes]:
    """The pages of a preview as PNG. Raises BadTemplate, BadValues, TypesettingFailed."""
    data = preview_paper(definition=definition, values=values, language=language)
    return papers.page_pictures(data, pages=10)


def preview_paper(
    *, definition: Mapping[str, Any], values: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """The strings of a preview. Raises BadTemplate, BadValues."""
    _bounded(definition)
    problems = check(definition)
    if problems:
        raise BadTemplate(problems=problems)
    roles = [role["role"] for role in definition["roles"]]
    kept, wrong = fields.read(definition["fields"], values, roles=roles, whole=False)
    if wrong:
        raise BadValues(problems=wrong)
    tongue = papers.languages_of(language)[0]
    parties = [
        PartyInfo(
            id=UUID(int=place), role=role["role"], place=place, merchant_id=None, person_id=None,
            name=fields.in_language(role["label"], tongue), email="", detail="", invited=False,
            joined=True, agreed=False, signed_at=None, consent=None, rejected=False,
            reminded_at=None,
        )
        for place, role in enumerate(definition["roles"])
    ]  # fmt: skip
    return papers.paper(
        definition=definition, values=kept, parties=parties, number="—", mark="", language=language
    )


def shipped(code: str) -> dict[str, Any]:
    """The definition of a template that comes with the product."""
    if code not in (*SHIPPED, *CHAINED):
        told = _("%(code)s isn't one of %(values)s.")
        raise Invalid(told % {"code": code, "values": ", ".join(SHIPPED)}, field="code")
    found: dict[str, Any] = orjson.loads((_FOLDER / f"{code}.json").read_bytes())
    return found


def load_shipped() -> list[TemplateInfo]:
    """The shipped templates on this platform; a version more where ours has changed."""
    found = []
    for code in (*SHIPPED, *CHAINED):
        definition = shipped(code)
        row = (
            ContractTemplate.objects.filter(code=code, merchant_id=None).order_by("-number").first()
        )
        if row is not None and (row.definition == definition or row.metadata.get("kept")):
            found.append(template_info(row))
            continue
        made = create_template(code=code, definition=definition, merchant_id=None)
        found.append(publish_template(template_id=made.id))
    return found


def _bounded(definition: Mapping[str, Any]) -> None:
    if len(orjson.dumps(definition)) > SIZE_MAX:
        raise BadTemplate(_("At most %(most)s bytes.") % {"most": SIZE_MAX}, field="definition")
