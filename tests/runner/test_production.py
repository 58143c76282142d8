"""Production mode: complete, strict, and silent about nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "signs-" + "0123456789" * 6,
    "PERSONAL_DATA_KEY": "y8" * 40,
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgresql://a:b@db/quancheng",
    "DATABASE_OWNER_URL": "postgresql://a:b@db/quancheng",
    "DATABASE_SYSTEM_URL": "postgresql://a:b@db/quancheng",
}


def manage(*words: str, data: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=keep | {"DATA_DIR": str(data)} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_deployment_check_is_clean(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "INFO", data=tmp_path, **GOOD)
    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (3 silenced).\n",
    ), done.stderr
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PERSONAL_DATA_KEY"])
def test_a_missing_secret_is_named(tmp_path: Path, missing: str) -> None:
    done = manage("check", data=tmp_path, **(GOOD | {missing: ""}))
    assert done.returncode != 0
    assert f"{missing} must be set" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PORT", "eighty", "PORT='eighty': use a whole number"),
        ("SSL_REDIRECT", "maybe", "SSL_REDIRECT='maybe': use 1 or 0"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL: use postgresql://"),
        ("MAIL_URL", "mail.example.com", "MAIL_URL: use smtp://"),
    ],
)
def test_a_wrong_value_is_explained(tmp_path: Path, variable: str, value: str, told: str) -> None:
    done = manage("check", data=tmp_path, **(GOOD | {variable: value}))
    assert done.returncode != 0
    assert told in done.stderr


def test_an_empty_variable_means_the_default(tmp_path: Path) -> None:
    empty = dict.fromkeys(["PORT", "WEB_WORKERS", "LOG_LEVEL", "DATABASE_POOL_SIZE"], "")
    done = manage("check", data=tmp_path, **(GOOD | empty))
    assert done.returncode == 0, done.stderr


def test_tracing_without_its_packages_is_explained(tmp_path: Path) -> None:
    """They aren't among the packages for development, so they are missing here."""
    keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    more = {"DATA_DIR": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=ROOT,
        env=keep | GOOD | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "pip install --require-hashes -r requirements/otel.txt" in done.stderr
