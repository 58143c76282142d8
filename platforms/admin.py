"""Raw tables (原始表) for a platform's operators: to look at, in the platform's scope, never to
change. State changes only through services, so nothing here saves, and there is no sign-in of the
admin's own: ``SignInMiddleware`` lets an operator in.
"""

from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.core.paginator import Paginator
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from kernel.models import TenantModel

PER_PAGE = 50
COUNTED = 1_000  # rows are counted so far only: a page needs no more, and counting all is slow
SHOWN = ("CharField", "DateTimeField", "UUIDField", "BigIntegerField", "BooleanField")


def is_secret(name: str) -> bool:
    """Whether a column says nothing to people, or shouldn't: hashes, ciphertext, keys."""
    return name in {"password", "wrapped"} or any(
        part in name for part in ("hash", "sealed", "lookup", "secret", "token")
    )


class ShortCount(Paginator):  # type: ignore[type-arg]
    """Pages over the newest rows, without counting a big table."""

    @property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return len(rows.values_list("pk", flat=True)[:COUNTED])
        return len(rows)


class RawTable(ModelAdmin):  # type: ignore[misc]
    """Shows the rows of one table on the platform in scope; changes none."""

    ordering = ("-id",)
    list_per_page = PER_PAGE
    show_full_result_count = False
    paginator = ShortCount
    actions = None

    def get_list_display(self, request: HttpRequest) -> list[str]:
        fields = [f for f in _fields(self.model) if f.get_internal_type() in SHOWN]
        return ["id", *[f.name for f in fields if f.name not in ("id", "platform_id")][:6]]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in _fields(self.model)]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The audit trail's rows about this one."""
        trail = reverse("admin:kernel_auditrecord_changelist")
        return HttpResponseRedirect(f"{trail}?target_id={quote(object_id)}")


def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.local_concrete_fields if not is_secret(field.name)]


class RawTables(UnfoldAdminSite):  # type: ignore[misc]
    """The site of all tenant tables; ``config.urls`` mounts it at ``admin/``."""

    # The usual first page shows the admin's own log of changes; there are none, nor such a table.
    index_template = "admin/app_index.html"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "user": request.user}


site = RawTables(name="admin")
for _table in apps.get_models():
    if issubclass(_table, TenantModel):
        site.register(_table, RawTable)
