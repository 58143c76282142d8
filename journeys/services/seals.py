"""The daily seal (封存): the heads of the ledger's and the audit trail's hash chains under an
RFC 3161 timestamp, so that nobody, we included, can rewrite what came before it."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from certification import facade as certification
from journeys.models import ChainSeal
from kernel import audit, clock, tenancy
from kernel.errors import DomainError
from kernel.transactions import atomic
from payments import facade as payments

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SealInfo:
    """A day's seal: how many links each chain had, its head, and when it was stamped."""

    id: UUID
    day: date
    ledger_seq: int
    ledger_head: str
    audit_seq: int
    audit_head: str
    stamped_at: datetime
    sealed_at: datetime
    document: str
    token: bytes


@dataclass(frozen=True)
class ChainsReport:
    """``problems`` is empty when everything holds. ``links`` are counted by chain."""

    links: dict[str, int]
    seals: int
    problems: tuple[str, ...]


def seal_chains() -> SealInfo | None:
    """Seal the chains as they stand, once for each finished day (UTC); None if that is done.

    The stamp is asked for before the row is written; a crash between the two leaves a stamp
    unused. Raises what the authority raises, after an alarm.
    """
    day = (clock.system().astimezone(UTC) - timedelta(days=1)).date()
    if ChainSeal.objects.filter(day__gte=day).exists():
        return None
    audit.extend_chain()
    payments.extend_ledger_chain()
    ledger, trail = payments.ledger_chain_head(), audit.chain_head()
    document = orjson.dumps(
        {
            "platform": str(tenancy.current_id()),
            "day": day.isoformat(),
            "ledger": {"links": ledger[0], "head": ledger[1]},
            "audit": {"links": trail[0], "head": trail[1]},
        }
    )
    try:
        stamp = certification.timestamp_digest(
            digest=sha256(document).digest(), purpose=f"chains {day.isoformat()}"
        )
    except Exception as error:
        payments.raise_ledger_alarm("seal_missing", f"{day}: {type(error).__name__}: {error}")
        raise
    with atomic():
        row = ChainSeal(
            day=day,
            document=document.decode(),
            ledger_seq=ledger[0],
            ledger_head=ledger[1],
            audit_seq=trail[0],
            audit_head=trail[1],
            timestamp_id=stamp.id,
            stamped_at=stamp.at,
            token=stamp.token,
            sealed_at=clock.system(),
        )
        ChainSeal.objects.bulk_create([row], ignore_conflicts=True)
        payments.end_ledger_alarm("seal_missing")
    return latest_seal()


def latest_seal() -> SealInfo | None:
    """The newest seal."""
    row = ChainSeal.objects.order_by("-day").first()
    return _info(row) if row else None


def seals(*, limit: int = 60) -> list[SealInfo]:
    """The seals, newest first."""
    return [_info(row) for row in ChainSeal.objects.order_by("-day")[:limit]]


def verify_chains() -> ChainsReport:
    """Recompute both chains, and check every seal: its document names the chains' own hashes, and
    its timestamp is good. Problems are told by chain or by the seal's day."""
    problems, links = [], {}
    for name, report in (
        ("ledger", payments.verify_ledger_chain()),
        ("audit", audit.verify_chain()),
    ):
        links[name] = report.checked
        if not report.ok:
            problems.append(f"{name}: {report.record}: {report.reason}")
    found = ChainSeal.objects.order_by("day")
    count = 0
    for row in found.iterator():
        count += 1
        problems += [f"seal {row.day}: {problem}" for problem in _problems(_info(row))]
    return ChainsReport(links, count, tuple(problems))


def _problems(seal: SealInfo) -> list[str]:
    wrong = []
    told = orjson.loads(seal.document)
    for name, chain in (("ledger", payments.ledger_chain_hash), ("audit", audit.chain_hash)):
        if chain(told[name]["links"]) != told[name]["head"]:
            wrong.append(f"the {name} chain has another hash at link {told[name]['links']}")
    shown = (seal.ledger_seq, seal.ledger_head, seal.audit_seq, seal.audit_head)
    stamped = [told[name][part] for name in ("ledger", "audit") for part in ("links", "head")]
    if list(shown) != stamped:
        wrong.append("the row differs from the document that was stamped")
    try:
        wrong += certification.timestamp_problems(seal.token, seal.document.encode())
    except (DomainError, ValueError, KeyError, TypeError) as error:
        wrong.append(f"the timestamp can't be read: {error}")
    return wrong


def _info(row: ChainSeal) -> SealInfo:
    return SealInfo(
        id=row.id,
        day=row.day,
        ledger_seq=row.ledger_seq,
        ledger_head=row.ledger_head,
        audit_seq=row.audit_seq,
        audit_head=row.audit_head,
        stamped_at=row.stamped_at,
        sealed_at=row.sealed_at,
        document=row.document,
        token=bytes(row.token),
    )
