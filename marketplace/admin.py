"""Raw tables for a deployment's operators: to look at. State changes only through services."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketplace import models


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows, changes none; what is personal stays sealed and hidden."""

    ordering = ("-id",)
    hidden: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [f.name for f in self.model._meta.fields if f.name not in self.hidden]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("id", "variant_id", "unit_price", "currency", "state", "updated_at")
    list_filter = ("state",)


@admin.register(models.PriceRecord)
class PriceRecordAdmin(ReadOnlyAdmin):
    list_display = ("offer_id", "unit_price", "currency", "valid_from")


@admin.register(models.Cart)
class CartAdmin(ReadOnlyAdmin):
    list_display = ("id", "buyer_id", "region", "updated_at")
    hidden = ("token_hash", "sealed_details")


@admin.register(models.OrderGroup)
class OrderGroupAdmin(ReadOnlyAdmin):
    list_display = ("number", "total", "currency", "placed_at")
    hidden = ("token_hash", "sealed_details", "sealed_note")


@admin.register(models.Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "total", "currency", "placed_at", "updated_at")
    list_filter = ("state",)


@admin.register(models.OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    list_display = ("order_id", "sku", "quantity", "unit_price", "total")
