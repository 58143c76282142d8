"""While a person works on the machine: who is refused what, and that the worker rests."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from kernel import maintenance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    yield
    maintenance.end()


def told(*words: str) -> str:
    out = StringIO()
    call_command("maintenance", *words, stdout=out)
    return out.getvalue()


def test_changes_are_refused_and_reading_goes_on(client: Client, platform: Any) -> None:
    base = f"/p/{platform.code}"
    told("on", "--for", "30m", "--note", "换数据库")
    assert client.get(f"{base}/").status_code == 200
    refused = client.post(
        f"{base}/api/v1/carts", "{}", content_type="application/json", HTTP_ACCEPT_LANGUAGE="en"
    )
    assert refused.status_code == 503
    problem = refused.json()
    assert (problem["code"], problem["detail"]) == ("maintenance", "换数据库")
    assert 1700 < int(refused["Retry-After"]) <= 1800
    page = client.post(f"{base}/cart/add/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 503
    assert "换数据库" in page.content.decode()
    ready = client.get("/readyz").json()
    assert "maintenance" in ready["checks"]["maintenance"]["problem"]
    assert client.get("/healthz").status_code == 200
    assert "Open" in told("off")
    after = client.post(f"{base}/api/v1/carts", "{}", content_type="application/json")
    assert after.status_code != 503


def test_closed_shows_nothing(client: Client, platform: Any) -> None:
    told("on", "--closed")
    page = client.get(f"/p/{platform.code}/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 503
    assert "维护" in page.content.decode()
    assert page["Retry-After"] == str(maintenance.RETRY)
    assert "everything is refused" in told("status")


@pytest.mark.parametrize("span", ["soon", "0m", "10"])
def test_a_span_nobody_understands(span: str) -> None:
    with pytest.raises(CommandError, match="30m or 2h"):
        told("on", "--for", span)
    assert maintenance.current() is None


def test_a_broken_file_counts(settings: Any) -> None:
    (settings.DATA_DIR / "maintenance.json").write_text("{")
    assert maintenance.current() is not None
