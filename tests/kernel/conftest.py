"""Platforms for the kernel's own tests: tenants in a directory of their own, no other context."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import pytest

from kernel import ratelimit, tenancy
from kernel.ids import uuid7
from kernel.tenancy import Tenant


class Directory:
    """A directory in memory."""

    def __init__(self) -> None:
        self.tenants: dict[UUID, Tenant] = {}

    def add(self, **values: object) -> Tenant:
        tenant = Tenant(id=uuid7(), **({"code": f"t{len(self.tenants)}"} | values))  # type: ignore[arg-type]
        self.tenants[tenant.id] = tenant
        return tenant

    def by_code(self, code: str) -> Tenant | None:
        return next((t for t in self.tenants.values() if t.code == code), None)

    def by_host(self, host: str) -> Tenant | None:
        return None

    def by_id(self, platform_id: UUID) -> Tenant | None:
        return self.tenants.get(platform_id)

    def all(self) -> Iterable[Tenant]:
        return list(self.tenants.values())


@pytest.fixture
def platforms(monkeypatch: pytest.MonkeyPatch) -> Directory:
    """The directory; ``platforms.add()`` opens one more."""
    found = Directory()
    monkeypatch.setattr(tenancy, "_directory", [found])
    ratelimit.reset_process()
    return found


@pytest.fixture
def tenant(platforms: Directory, db: None) -> Iterator[Tenant]:
    """One platform, in scope; the test's rows are rolled back."""
    one = platforms.add()
    with tenancy.scope(one):
        yield one


@pytest.fixture
def real(platforms: Directory, transactional_db: None) -> Iterator[Tenant]:
    """One platform, in scope, where commits are commits: for threads and the system role."""
    one = platforms.add()
    with tenancy.scope(one):
        yield one


@pytest.fixture
def heard() -> Iterator[Any]:
    """A handler of ``Changed`` that keeps what it was given."""
    from kernel.outbox.events import HANDLERS, subscribe
    from tests.kernel.listening import HANDLER, Changed, Heard

    found = Heard()
    lock = threading.Lock()

    def listen(event: Any, meta: Any) -> None:
        if found.fail(event, meta):
            raise ValueError(f"no {event.number}")
        with lock:
            found.numbers.append((meta.aggregate_id, event.number))

    subscribe(Changed, handler=HANDLER)(listen)
    yield found
    del HANDLERS[HANDLER]
