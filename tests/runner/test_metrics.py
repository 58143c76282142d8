"""What Prometheus reads, who may read it, and that the product's processes add up."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from config import metrics

TOKEN = {"HTTP_AUTHORIZATION": "Bearer watcher-token"}


def read(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", **TOKEN)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.django_db(transaction=True)
@override_settings(METRICS_TOKEN="watcher-token")
def test_requests_by_route_and_what_the_databases_tell(client: Client, platform: Any) -> None:
    home, nowhere = f"/p/{platform.code}/", f"/p/{platform.code}/no/such/page/"
    key = ("quancheng_http_requests_total", (("method", "GET"), ("route", ""), ("status", "200")))
    before = read(client).get(key, 0.0)
    for _ in range(3):
        assert client.get(home).status_code == 200
    assert client.get(nowhere).status_code == 404
    found = read(client)
    assert found[key] == before + 3
    labels = [dict(labels) for name, labels in found if name == key[0]]
    assert {"method": "GET", "route": "(none)", "status": "404"} in labels
    assert not any("no/such" in one["route"] for one in labels)
    assert found["quancheng_scrape_problems", ()] == 0
    assert found["quancheng_outbox_waiting", ()] >= 0
    assert any(
        name == "quancheng_database_bytes" and value > 0 for (name, _), value in found.items()
    )


@pytest.mark.parametrize("token", ["", "watcher-token"])
def test_without_the_token_there_is_nothing(client: Client, token: str) -> None:
    with override_settings(METRICS_TOKEN=token):
        assert client.get("/metrics").status_code == 404
        wrong = client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong")
        assert wrong.status_code == 404


def test_processes_add_up(tmp_path: Path) -> None:
    """Two processes count; a third one tells the sum."""
    count = "from config import metrics; metrics.REQUESTS.labels('GET', 'cart/', '200').inc(2)"
    tell = (
        "from config import metrics; print(metrics.generate_latest(metrics._requests()).decode())"
    )
    surroundings = dict(os.environ, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    for code in (count, count):
        subprocess.run([sys.executable, "-c", code], env=surroundings, check=True)
    told = subprocess.run(
        [sys.executable, "-c", tell], env=surroundings, check=True, capture_output=True, text=True
    ).stdout
    assert 'quancheng_http_requests_total{method="GET",route="cart/",status="200"} 4.0' in told
    assert metrics.CONTENT_TYPE.startswith("text/plain")
