"""The bases of every tenant-owned row."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.base import ModelBase

from kernel import clock, tenancy
from kernel.ids import uuid7


class TenantManager(models.Manager[Any]):
    """Only rows of the platform in scope; without a scope it raises."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(platform_id=tenancy.current_id())


class AcrossManager(models.Manager[Any]):
    """Rows of every platform, through the system role; for relay and sweepers in ``kernel``."""

    def on(self, database: str) -> models.QuerySet[Any]:
        """All rows on the shard ``database``, as its system role."""
        name = "system" if database == "default" else f"{database}_system"
        return super().get_queryset().using(name)

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().using("system")


class TenantModel(models.Model):
    """A row of one platform. The database key is (platform_id, id); ids are UUIDv7."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    platform_id = models.UUIDField(default=tenancy.current_id, editable=False)

    objects: ClassVar[models.Manager[Self]] = TenantManager()
    across: ClassVar[AcrossManager] = AcrossManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._check_scope()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._check_scope()  # the statement names only the id, so a scoped manager can't
        return super().delete(*args, **kwargs)

    def _check_scope(self) -> None:
        if self.platform_id != tenancy.current_id():
            raise RuntimeError(f"{self!r} belongs to another platform than the one in scope.")


class AggregateModel(TenantModel):
    """The root of an aggregate: a row version (ETag, external version) and two system times."""

    version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(TenantModel.Meta):
        abstract = True

    def save(
        self,
        *args: Any,
        update_fields: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.touch()
        if update_fields is not None:
            update_fields = {*update_fields, "version", "updated_at"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def touch(self) -> None:
        """Count the version up and set the times; ``save`` does it, bulk writers call it."""
        now = clock.system()
        self.version += 1
        self.updated_at = now
        if self.version == 1:
            self.created_at = self.created_at or now


class ExternalRefModel(models.Model):
    """The merchant's own id and free key-value data on a writable resource."""

    external_id = models.CharField(max_length=100, null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key inside one context; its constraint is (platform_id, x_id) → (platform_id, id).

    The simple constraint is left out: the migration operation ``TenantTable`` makes the pair.
    """

    def __init__(self, to: type[models.Model] | str, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


def concrete_tenant_models(models_: Collection[ModelBase]) -> list[type[TenantModel]]:
    """Those of ``models_`` that are tenant tables."""
    return [m for m in models_ if isinstance(m, type) and issubclass(m, TenantModel)]


__all__ = [
    "AcrossManager",
    "AggregateModel",
    "ExternalRefModel",
    "TenantForeignKey",
    "TenantManager",
    "TenantModel",
]

# The kernel's own tables stand on the bases above, so they are imported after them.
from kernel import records  # noqa: E402, F401
