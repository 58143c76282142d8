"""Which database a model's rows live in: the platform's own, the control one, or the sandbox's."""

from typing import Any

from django.conf import settings
from django.db.models import Model

from kernel import tenancy


class Router:
    """Tenant rows go to the scope's database; control tables and the rest to the first one."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        if model._meta.app_label == "sandbox":
            return "sandbox"
        tenant = tenancy.current_or_none()
        if tenant is None or getattr(model, "control", False):
            return "default"
        return tenant.database

    db_for_write = db_for_read

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool | None:
        return first._meta.app_label == second._meta.app_label or None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Schema is the owner's business; the sandbox keeps to its own database."""
        if db == "sandbox" or app_label == "sandbox":
            return db == "sandbox" and app_label == "sandbox"
        return db == "owner" or (db.endswith("_owner") and db[: -len("_owner")] in settings.SHARDS)
