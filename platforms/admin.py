"""Raw tables for a deployment's operators: to look at. State changes only through services."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from platforms import models


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Shows rows, changes none."""

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


@admin.register(models.DirectoryEntry)
class DirectoryAdmin(ReadOnlyAdmin):
    list_display = ("code", "state", "database", "live", "updated_at")


@admin.register(models.Platform)
class PlatformAdmin(ReadOnlyAdmin):
    list_display = ("code", "state", "currency", "live", "updated_at")


@admin.register(models.Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    list_display = ("slug", "state", "external_id", "updated_at")
    list_filter = ("state",)


@admin.register(models.Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("id", "state", "language", "updated_at")
    hidden = ("password", "email_lookup")


@admin.register(models.Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("person_id", "role", "merchant_id")
    list_filter = ("role",)


@admin.register(models.ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("key_id", "name", "kind", "state", "last_used_at")
    list_filter = ("kind", "state")
    hidden = ("secret_hash",)


@admin.register(models.Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "role", "state", "expires_at")
    hidden = ("token_hash", "email_lookup")
