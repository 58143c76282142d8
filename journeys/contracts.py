"""What crosses the border of journeys."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from certification.facade import ContractInfo
from kernel.ids import public_id


class ImportState(models.TextChoices):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ImportKind(models.TextChoices):
    """What the rows of a list are about."""

    PRODUCTS = "products"
    PRICES = "prices"  # of one price list


@dataclass(frozen=True)
class ImportInfo:
    """A list of products (商品导入), or of the prices of the price list ``price_list_id``.
    ``position`` of ``products`` (of prices: rows) are through; of these ``made``, ``changed``,
    ``removed``, ``unchanged`` and ``failed`` are the counts: of a check, what a run would do.
    ``stopped``: its job gave up; running it again goes on."""

    id: UUID
    kind: ImportKind
    price_list_id: UUID | None
    merchant_id: UUID
    state: ImportState
    filename: str
    columns: tuple[str, ...]
    mapping: dict[str, str]
    rows: int
    products: int
    position: int
    made: int
    changed: int
    removed: int
    unchanged: int
    failed: int
    job_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stopped: bool = False
    sample: tuple[tuple[str, ...], ...] = ()

    @property
    def public_id(self) -> str:
        return public_id("pim" if self.kind == ImportKind.PRODUCTS else "pli", self.id)

    @property
    def busy(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in (ImportState.CHECKING, ImportState.RUNNING) and not self.stopped


@dataclass(frozen=True)
class ImportProblemInfo:
    """What is wrong in a row, and what would be right, in the reader's language."""

    id: UUID
    row: int
    column: str
    field: str
    code: str
    value: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class CheckoutInfo:
    """How a checkout stands. While it waits, ``redirect_url`` is where the buyer has to confirm, or
    ``declined`` why the last way to pay was refused: another one may be tried, until ``pay_by``."""

    id: UUID
    state: str
    group_id: UUID | None
    order_ids: tuple[UUID, ...]
    redirect_url: str
    error: dict[str, Any] | None
    declined: dict[str, str] | None = None
    intent_id: UUID | None = None
    pay_by: datetime | None = None


@dataclass(frozen=True)
class JourneyInfo:
    """One journey as an operator sees it."""

    id: UUID
    kind: str
    state: str
    step: str
    subject: UUID | None
    attempts: int
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    contract_id: UUID | None = None
    steps: tuple["StepInfo", ...] = ()


@dataclass(frozen=True)
class ContractRule:
    """Which orders need a signed contract: of ``over`` or more (minor units of the platform's
    currency, with delivery), of goods in ``categories`` (slugs or paths; none: all), made from
    ``template``, to be signed within ``days`` of payment."""

    over: int = 0
    categories: tuple[str, ...] = ()
    template: str = "order_sale"
    days: int = 7


@dataclass(frozen=True)
class RuleChange:
    """A change of the rule: when (the system's clock), by whom, to what; None: no contracts."""

    at: datetime
    person_id: UUID | None
    label: str
    rule: ContractRule | None


@dataclass(frozen=True)
class OrderContractInfo:
    """The contract that an order needs: its journey, and the contract once it is drafted."""

    journey: JourneyInfo
    contract: ContractInfo | None

    @property
    def signed(self) -> bool:
        return self.contract is not None and self.contract.state in ("effective", "amended")


@dataclass(frozen=True)
class StepInfo:
    """One thing that happened to a step."""

    name: str
    what: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class TimelineLine:
    """One line of an order's timeline; ``kind`` is the event's name."""

    kind: str
    title: str
    actor: str
    at: datetime
    params: dict[str, Any] = field(default_factory=dict)
    document: str = ""
