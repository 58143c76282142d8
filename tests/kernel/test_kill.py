"""Killed (SIGKILL) at every point where durable work could be half done; then started again."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from kernel import jobs
from kernel.jobs.registry import KINDS, Kind
from kernel.outbox import AggregateRef
from kernel.records.jobs import Job
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.tenancy import Tenant
from tests.kernel.events import append
from tests.kernel.killed import HANDLER, KIND, Asked, EffectMade

SCRIPT = Path(__file__).parent / "killed.py"


def work(tenant: Tenant, *, failpoint: str = "", minutes: int = 0) -> int:
    """Another process does everything that is due; its exit code."""
    found = connections["default"].settings_dict
    system = connections["system"].settings_dict
    urls = {
        "DATABASE_URL": found,
        "DATABASE_SYSTEM_URL": system,
        "DATABASE_OWNER_URL": connections["owner"].settings_dict,
    }
    environment = os.environ | {name: address(value) for name, value in urls.items()}
    environment |= {"QC_FAILPOINT": failpoint, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, str(SCRIPT), str(tenant.id), str(minutes)]
    root = str(Path(__file__).parent.parent.parent)
    return subprocess.run(command, env=environment, cwd=root, check=False, timeout=60).returncode


def address(values: dict[str, Any]) -> str:
    from urllib.parse import quote

    who = f"{values['USER']}:{quote(values['PASSWORD'], safe='')}"
    place = f"/{values['NAME']}?host={quote(values['HOST'], safe='')}"
    if not str(values["HOST"]).startswith("/"):
        place = f"{values['HOST']}:{values['PORT']}/{values['NAME']}"
    else:
        place += f"&port={values['PORT']}" if values["PORT"] else ""
    return f"postgresql://{who}@{place}"


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(
    "failpoint",
    [
        "outbox.fan_out.before_commit",
        "outbox.delivery.before_commit",
        "outbox.delivery.after_commit",
    ],
)
def test_events_take_effect_once_whatever_is_killed(real: Tenant, failpoint: str) -> None:
    append(Asked(1), aggregate=AggregateRef("testing.killed", real.id))
    assert work(real, failpoint=failpoint) == -9
    assert work(real) == 0
    assert OutboxEvent.objects.filter(type=EffectMade.NAME).count() == 1
    assert Delivery.objects.get(handler=HANDLER).state == "done"


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(("failpoint", "runs"), [("jobs.run.before", 1), ("jobs.run.after", 2)])
def test_jobs_are_finished_by_the_next_worker(real: Tenant, failpoint: str, runs: int) -> None:
    KINDS[KIND] = Kind(KIND, lambda job: None)
    try:
        found: UUID = jobs.enqueue(KIND)
        assert work(real, failpoint=failpoint) == -9
        assert Job.objects.get(id=found).state == "running"
        assert work(real) == 0
        assert Job.objects.get(id=found).state == "running"  # the lease still holds
        assert work(real, minutes=2) == 0
        assert jobs.job_info(found).state == "done"
        assert OutboxEvent.objects.filter(type=EffectMade.NAME).count() == runs
    finally:
        del KINDS[KIND]
