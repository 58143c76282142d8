"""The files that describe how to run the product tell the truth."""

import ast
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    # Shards are named by the deployment.
    "DATABASE_NAME_URL",
}
BY_RULE = {"DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL"}  # read as f"{prefix}_{role}_URL"
MACHINERY = {
    *("DJANGO_SETTINGS_MODULE", "QC_FAILPOINT", "QC_FAILPOINT_ONCE", "SUPERVISED"),
    "PROMETHEUS_MULTIPROC_DIR",  # set by the supervisor for the processes that it starts
}


def names_read() -> set[str]:
    """Every variable that the settings ask for by ``env.text("NAME")`` and the like."""
    found: set[str] = set()
    # libcrypto is probed by a process of its own, before there are settings.
    alone = [ROOT / "sandbox" / "settings.py", ROOT / "certification" / "crypto" / "libcrypto.py"]
    for path in [*(ROOT / "config").rglob("*.py"), *alone]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called = ast.unparse(node.func)
            first = node.args[0]
            if called in {
                *("env.text", "env.flag", "env.integer", "env.words"),
                *("os.environ.get", "os.getenv", "_secret"),
            } and isinstance(first, ast.Constant):
                found.add(str(first.value))
    return (found | BY_RULE) - MACHINERY


def names_documented() -> list[str]:
    text = (ROOT / ".env.example").read_text()
    return re.findall(r"^([A-Z0-9_]+)=", text, re.M)


def test_each_variable_is_documented_once() -> None:
    assert sorted(names_documented()) == sorted(names_read())


def test_each_variable_has_a_comment_above() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    explained = False
    bare = []
    for line in lines:
        if line.startswith("#") and not line.startswith("# ---"):
            explained = True
        elif not line.strip():
            explained = False
        elif "=" in line and not explained:
            bare.append(line)
    assert bare == []


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_file_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    place = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(place.read_text())
    kind = jsonschema.validators.validator_for(schema)
    problems = [f"{e.json_path}: {e.message}" for e in kind(schema).iter_errors(compose)]
    assert problems == []
    broken = compose | {"services": {"web": {"image": 1}}}
    assert list(kind(schema).iter_errors(broken)) != []


def test_compose_has_every_part_with_a_health_check(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"web", "worker", "beat", "postgres", "redis", "elasticsearch"} <= set(services)
    once = {"prepare"}
    assert [
        n for n, s in services.items() if n not in once and "test" not in s["healthcheck"]
    ] == []
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services
            wanted = "service_completed_successfully" if needed in once else "service_healthy"
            assert how["condition"] == wanted, (name, needed)
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"]


def test_compose_sets_only_variables_that_exist(compose: dict[str, Any]) -> None:
    known = {*names_read(), "ADMIN_URL", "ROLE_PASSWORD"}
    for name in ("prepare", "web", "worker", "beat"):
        assert set(compose["services"][name]["environment"]) <= known
    text = (ROOT / "docker-compose.yml").read_text()
    for variable in re.findall(r"(?<!\$)\$\{([A-Z_]+)", text):
        assert variable in known | {"POSTGRES_PASSWORD", "TAG"}, variable


def test_compose_keeps_no_secret() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET|_KEY)[A-Z_]*:\s", line):
            assert "${" in line, line


def test_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    words = [line.split()[0] for line in lines if line and line[0].isupper()]
    assert words.count("FROM") == 2
    last = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    users = [line.split()[1] for line in last if line.startswith("USER")]
    assert users
    assert users[-1] not in {"root", "0"}
    assert any(line.startswith("HEALTHCHECK") for line in last)


def test_makefile_targets_are_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", text, re.M)
    assert phony
    explained = set(re.findall(r"^([a-z-]+):.*## ", text, re.M))
    assert set(phony[1].split()) == explained


@pytest.mark.parametrize("name", ["base", "dev", "otel"])
def test_requirements_are_pinned_with_hashes_and_name_no_registry(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    for block in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert re.match(r"[a-z0-9._-]+==\S+", block), block
        assert "--hash=sha256:" in block, block
