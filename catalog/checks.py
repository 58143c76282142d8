"""What is said of the place of the pictures before anybody needs it."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from catalog.gateways import files


def require_package() -> None:
    """At the start of every process. Raises ImproperlyConfigured where the optional package that
    speaks to the store isn't installed."""
    if settings.MEDIA_STORAGE and find_spec("minio") is None:
        raise ImproperlyConfigured(
            "MEDIA_STORAGE is set, but the package that speaks to such a store isn't installed: "
            "pip install --require-hashes -r requirements/s3.txt"
        )


@register(deploy=True)
def store_answers(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """With ``manage.py check --deploy``: the store answers, and has the bucket."""
    found = files.problem()
    hint = "manage.py media check writes, reads and removes an object there."
    told = f"The store of pictures {settings.MEDIA_STORAGE} can't be used: {found}"
    return [Error(told, hint=hint, id="catalog.E001")] if found else []
