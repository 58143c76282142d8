"""To whom an invoice is made out: checked, and kept for the next time."""

from dataclasses import asdict, replace
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import clock, personal
from kernel.check_digits import credit_code_problem
from kernel.errors import FieldProblem, NotFound
from kernel.transactions import together
from payments.contracts_invoices import BuyerKind, BuyerTitle, InvoiceBuyer, InvoiceType
from payments.errors_invoices import InvalidInvoice, InvalidTaxNumber
from payments.models import BuyerTitle as Row
from payments.selectors import invoices as selectors

KEPT = 20  # titles of a person; the one used longest ago goes first
LENGTHS = {
    "title": 100,
    "address": 120,
    "phone": 40,
    "bank": 100,
    "bank_account": 40,
    "email": 254,
}


def tax_number(text: str, *, field: str) -> str:
    """The number as it is kept: a unified social credit code. Raises InvalidTaxNumber."""
    found = "".join(text.split()).upper()
    problem = credit_code_problem(found)
    if problem:
        told = {
            "length": _("It has 18 characters, not %(count)s.") % {"count": len(found)},
            "form": _("A character in it can't stand there."),
            "region": _("Its characters 3 and 4 name no region."),
            "check": _("The last character doesn't fit the others: something is mistyped."),
        }
        raise InvalidTaxNumber(told.get(problem, problem), field=field)
    return found


def checked(buyer: InvoiceBuyer, *, type: str, field: str = "buyer") -> InvoiceBuyer:
    """The buyer as it is kept. A person needs a name only; a company has a tax number; only a
    company gets a special invoice. Raises InvalidInvoice, InvalidTaxNumber."""
    problems = []
    plain = {name: " ".join(getattr(buyer, name).split()) for name in LENGTHS}
    for name, most in LENGTHS.items():
        if len(plain[name]) > most or not plain[name].isprintable():
            problems.append(
                FieldProblem(
                    f"{field}.{name}", _("At most %(most)s plain characters.") % {"most": most}
                )
            )
    if not plain["title"]:
        problems.append(FieldProblem(f"{field}.title", _("Say to whom it is made out.")))
    if plain["email"] and ("@" not in plain["email"][1:-1] or " " in plain["email"]):
        problems.append(FieldProblem(f"{field}.email", _("This isn't an e-mail address.")))
    if buyer.kind not in BuyerKind.values:
        problems.append(FieldProblem(f"{field}.kind", _("company or person.")))
    if type not in InvoiceType.values:
        problems.append(FieldProblem("type", _("ordinary or special.")))
    if buyer.kind == BuyerKind.PERSON and type == InvoiceType.SPECIAL:
        problems.append(
            FieldProblem(
                "type",
                _("A special invoice is for companies."),
                _("Ask for an ordinary one, or give a company with its tax number."),
            )
        )
    if problems:
        raise InvalidInvoice(problems[0].problem, problems=problems)
    number = ""
    if buyer.kind == BuyerKind.COMPANY:
        number = tax_number(buyer.tax_number, field=f"{field}.tax_number")
    return replace(buyer, tax_number=number, **plain)


def save_title(*, person_id: UUID, buyer: InvoiceBuyer) -> BuyerTitle:
    """Keep a title for a person's next invoices; the same one again is only renewed."""
    found = checked(buyer, type=InvoiceType.ORDINARY)
    mark = personal.blind_index(
        f"{person_id}|{found.kind}|{found.title}|{found.tax_number}", purpose="buyer-title"
    )
    with together():
        sealed = selectors.sealed(person_id, asdict(found))
        fresh = Row(person_id=person_id, mark=mark, sealed=sealed, used_at=clock.system())
        Row.objects.bulk_create(
            [fresh],
            update_conflicts=True,
            unique_fields=["platform_id", "person_id", "mark"],
            update_fields=["sealed", "used_at"],
        )
        row = Row.objects.get(person_id=person_id, mark=mark)
        old = Row.objects.filter(person_id=person_id).order_by("-used_at", "id")
        Row.objects.filter(id__in=list(old.values_list("id", flat=True)[KEPT:])).delete()
    return BuyerTitle(row.id, found)


def remove_title(*, person_id: UUID, title_id: UUID) -> None:
    """Forget a title. Raises NotFound."""
    if not Row.objects.filter(id=title_id, person_id=person_id).delete()[0]:
        raise NotFound
