"""An index that another one begins with costs each write and helps no reader."""

from django.apps import apps
from django.db import models

from kernel.models import TenantModel


def test_no_field_has_an_index_that_another_begins_with() -> None:
    twice = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if getattr(field, "db_index", False) and not field.unique
        if any(one[:2] == ("platform_id", field.name) for one in whole(model))
    ]
    assert not twice, f"db_index=False for {', '.join(twice)}: another index begins with it"


def whole(model: type[models.Model]) -> list[tuple[str, ...]]:
    """The fields of indexes that hold all rows."""
    meta = model._meta
    unique = [one for one in meta.constraints if isinstance(one, models.UniqueConstraint)]
    return [tuple(one.fields) for one in [*meta.indexes, *unique] if one.condition is None]
