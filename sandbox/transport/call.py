"""One call while it is carried out, and its answer."""

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from sandbox import clock, conf
from sandbox.models import Account, Endpoint


@dataclass(frozen=True)
class Plan:
    """The faults that this call is to show; see ``sandbox.faults``."""

    error_before: bool = False
    error_after: bool = False
    wait_before: float = 0
    wait_after: float = 0
    webhook_duplicate: bool = False
    webhook_first: bool = False
    webhook_delay: float = 0


NO_FAULTS = Plan()


@dataclass
class Call:
    """Who calls, with what; collects what is to be pushed before answering."""

    account: Account
    params: dict[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None
    base_url: str = field(default_factory=conf.base_url)
    plan: Plan = NO_FAULTS
    now: int = 0
    replayed: bool = False
    push_first: list[int] = field(default_factory=list)
    endpoints: dict[str, list[Endpoint]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.now:
            self.now = clock.unix() + self.account.clock_ahead

    def acting(self, account: Account) -> "Call":
        """The same call for another account: a platform's share in a seller's payment."""
        return replace(self, account=account, params={}, endpoints={})

    def given(self, name: str) -> bool:
        """Whether the parameter was sent at all (also when sent empty)."""
        return name in self.params

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter's value; ``default`` when it wasn't sent or was sent empty."""
        value = self.params.get(name)
        return default if value is None else value


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, body: Any, **headers: str) -> "Answer":
        return cls(status, dumps(body), {k.replace("_", "-"): v for k, v in headers.items()})


def dumps(body: Any) -> bytes:
    """JSON as the sandbox writes it."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)
