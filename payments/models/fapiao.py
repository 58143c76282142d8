"""The statutory invoice (数电发票) behind an invoice of sales, at whoever issues it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_fapiao import FapiaoState
from payments.models.sales_invoice import SalesInvoice


class Fapiao(StatefulModel):
    """One for an invoice. ``issuer`` is ``manual`` (issued by hand on the tax platform, its number
    entered here) or the provider's name; ``attempt`` counts how often it was handed in anew after a
    refusal, and is part of the key of the call. ``number``: its 20 digits, once issued."""

    TRANSITIONS: ClassVar[Transitions[FapiaoState]] = Transitions(
        FapiaoState,
        initial=FapiaoState.PENDING,
        moves={
            FapiaoState.PENDING: {FapiaoState.ISSUED, FapiaoState.REFUSED},
            FapiaoState.REFUSED: {FapiaoState.PENDING, FapiaoState.ISSUED},
        },
    )

    state = models.CharField(max_length=10, choices=FapiaoState, default=FapiaoState.PENDING)
    invoice = TenantForeignKey(
        SalesInvoice, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merchant_id = models.UUIDField()
    issuer = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100, blank=True, default="")
    attempt = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=20, blank=True, default="")
    issued_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=100, blank=True, default="")
    message = SealedText()
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "invoice"], name="payments_fapiao_invoice"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "number"],
                condition=~Q(number=""),
                name="payments_fapiao_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | ~Q(number=""), name="payments_fapiao_issued"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "state", "id"], name="payments_fapiao_list"
            ),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_fapiao_due",
            ),
        ]
