"""Invoices of sales (发票): a merchant's tax data, buyers' titles, requests, what was issued."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_invoices import (
    InvoiceKind,
    InvoiceType,
    RedReason,
    RequestState,
    Taxpayer,
)
from payments.models.intent import IntentShare, PaymentIntent


class TaxProfile(AggregateModel):
    """What stands on a merchant's invoices as the seller. ``default`` is a tax class."""

    merchant_id = models.UUIDField()
    name = models.CharField(max_length=100)
    tax_number = models.CharField(max_length=20)
    taxpayer = models.CharField(max_length=10, choices=Taxpayer)
    details_sealed = models.TextField()
    default = models.JSONField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id"], name="payments_taxprofile_one"
            ),
        ]


class BuyerTitle(TenantModel):
    """A title that a person saved, sealed under that person; ``mark`` tells the same one again."""

    person_id = models.UUIDField()
    mark = models.CharField(max_length=64)
    sealed = models.TextField()
    used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person_id", "mark"], name="payments_buyertitle_once"
            ),
        ]


class InvoiceRequest(ExternalRefModel, StatefulModel):
    """A wish for an invoice over one share of a payment. The buyer's data are sealed under the
    request itself: invoices are kept by law, also when their buyer's account is erased.
    ``language`` is that of a buyer without an account, for the letter."""

    TEXTS_OF: ClassVar = ("person_id",)

    TRANSITIONS: ClassVar[Transitions[RequestState]] = Transitions(
        RequestState,
        initial=RequestState.REQUESTED,
        moves={
            RequestState.REQUESTED: {
                RequestState.ISSUED,
                RequestState.DECLINED,
                RequestState.CANCELED,
            },
            RequestState.ISSUED: {RequestState.REVERSED},
        },
    )

    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.REQUESTED)
    type = models.CharField(max_length=10, choices=InvoiceType)
    key = models.UUIDField()
    merchant_id = models.UUIDField()
    intent = TenantForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="+")
    share = TenantForeignKey(IntentShare, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=100)
    person_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, default="", db_default="", blank=True)
    sealed = models.TextField()
    lines = models.JSONField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = SealedText()

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_irequest_key"),
            models.UniqueConstraint(
                fields=["platform_id", "share"],
                condition=Q(state__in=["requested", "issued"]),
                name="payments_irequest_open",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_irequest_external",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_irequest_amount"),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "state", "id"], name="payments_irequest_queue"
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="payments_irequest_updated",
            ),
            models.Index(fields=["platform_id", "reference"], name="payments_irequest_reference"),
            models.Index(
                fields=["platform_id", "person_id", "id"],
                condition=Q(person_id__isnull=False),
                name="payments_irequest_person",
            ),
        ]


class InvoiceSeries(TenantModel):
    """The last number that a merchant used in a year; its row is locked while one is given."""

    merchant_id = models.UUIDField()
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "year"], name="payments_invoiceseries_one"
            ),
        ]


class SalesInvoice(AggregateModel):
    """An invoice as issued: never changed, the database grants no more than reading and adding.

    Amounts in minor units, negative on a red one. ``seller`` is the tax profile of that moment,
    ``sealed`` the buyer's data under the request. ``refund_id``: the refund that it follows; a blue
    one with it takes a red one back whose refund came to nothing in the end. ``dispute_id``: the
    lost chargeback that it follows."""

    request = TenantForeignKey(InvoiceRequest, on_delete=models.PROTECT, related_name="invoices")
    original = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    kind = models.CharField(max_length=4, choices=InvoiceKind)
    type = models.CharField(max_length=10, choices=InvoiceType)
    merchant_id = models.UUIDField()
    intent_id = models.UUIDField()
    reference = models.CharField(max_length=100)
    refund_id = models.UUIDField(null=True)
    dispute_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=10, choices=RedReason, blank=True, default="")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=20)
    seller_sealed = models.TextField()
    sealed = models.TextField()
    lines = models.JSONField()
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "year", "serial"],
                name="payments_salesinvoice_number",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "request"],
                condition=Q(original__isnull=True),
                name="payments_salesinvoice_first",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "request", "kind", "refund_id"],
                condition=Q(refund_id__isnull=False),
                name="payments_salesinvoice_refund",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "request", "dispute_id"],
                condition=Q(dispute_id__isnull=False),
                name="payments_salesinvoice_dispute",
            ),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax"))
                & (
                    Q(kind="blue", gross__gt=0) | Q(kind="red", gross__lt=0, original__isnull=False)
                ),
                name="payments_salesinvoice_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="payments_salesinvoice_list"
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "issued_at", "id"],
                name="payments_salesinvoice_time",
            ),
            models.Index(fields=["platform_id", "reference"], name="payments_salesinvoice_ref"),
        ]
