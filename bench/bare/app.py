"""The yardstick: a bare django-ninja route that reads one row. No tenancy, no keys, nothing."""

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.bare.app",
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["BARE_NAME"],
            "USER": os.environ["BARE_USER"],
            "PASSWORD": os.environ["BARE_PASSWORD"],
            "HOST": os.environ["BARE_HOST"],
            "PORT": os.environ.get("BARE_PORT", ""),
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402


class Row(models.Model):
    """One row of a table with nothing special about it."""

    name = models.CharField(max_length=100)
    price = models.BigIntegerField()

    class Meta:
        app_label = "bare"
        db_table = "bench_bare"


class RowOut(Schema):
    id: int
    name: str
    price: int


api = NinjaAPI()


@api.get("/row/{row_id}", response=RowOut)
def row(request: HttpRequest, row_id: int) -> Row:
    return Row.objects.get(id=row_id)


urlpatterns = [path("api/", api.urls)]
application = get_wsgi_application()
