"""A list of products or prices (商品导入): a file, what its columns mean, how far it is."""

from typing import ClassVar

from django.db import models

from journeys.contracts import ImportKind, ImportState
from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class ProductImport(StatefulModel):
    """``kind`` says what its rows are about; ``price_list_id`` which price list's prices they are.

    ``position`` counts the products (or prices) that are through in this check or run: it is
    written in the transaction of their rows, so a killed job goes on where it stopped.

    ``columns`` are the file's names, ``mapping`` says of some what they hold. ``table_sealed`` is
    the file's text; it goes, with the problems, a month after the end.
    """

    TRANSITIONS = Transitions(
        ImportState,
        initial=ImportState.UPLOADED,
        moves={
            ImportState.UPLOADED: {
                ImportState.CHECKING,
                ImportState.RUNNING,
                ImportState.CANCELLED,
            },
            ImportState.CHECKING: {ImportState.CHECKED, ImportState.CANCELLED},
            ImportState.CHECKED: {
                ImportState.UPLOADED,
                ImportState.CHECKING,
                ImportState.RUNNING,
                ImportState.CANCELLED,
            },
            ImportState.RUNNING: {ImportState.DONE, ImportState.CANCELLED},
        },
    )

    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    merchant_id = models.UUIDField()
    kind = models.CharField(
        max_length=10, choices=ImportKind, default=ImportKind.PRODUCTS, db_default="products"
    )
    price_list_id = models.UUIDField(null=True)
    filename = models.CharField(max_length=200, default="", blank=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    table_sealed = models.BinaryField(default=bytes)
    rows = models.PositiveIntegerField(default=0)
    products = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0, db_default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="journeys_import_merchant"
            ),
            models.Index(fields=["platform_id", "finished_at"], name="journeys_import_age"),
            models.Index(
                fields=["platform_id", "price_list_id", "id"],
                name="journeys_import_prices",
                condition=models.Q(price_list_id__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="prices", price_list_id__isnull=False)
                | models.Q(kind="products", price_list_id__isnull=True),
                name="journeys_import_about",
            )
        ]


class ImportProblem(TenantModel):
    """What is wrong with one cell: ``row`` and ``heading`` name it, ``key`` what the column holds,
    ``value`` is what stands there. ``words`` is the problem in English, as it is translated."""

    TEXTS_OF: ClassVar = ("product_import_id",)

    product_import = TenantForeignKey(
        ProductImport, models.PROTECT, related_name="problems", db_index=False
    )
    row = models.PositiveIntegerField()
    heading = models.CharField(max_length=120, default="")
    key = models.CharField(max_length=60, default="")
    code = models.CharField(max_length=80)
    words = models.CharField(max_length=300, default="")
    value = SealedText()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["platform_id", "product_import", "row", "id"],
                name="journeys_import_problem",
            )
        ]


class ImportMapping(TenantModel):
    """What a merchant's columns of such lists held the last time, by folded name."""

    merchant_id = models.UUIDField()
    kind = models.CharField(
        max_length=10, choices=ImportKind, default=ImportKind.PRODUCTS, db_default="products"
    )
    keys = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "kind"], name="journeys_mapping_of_kind"
            )
        ]
