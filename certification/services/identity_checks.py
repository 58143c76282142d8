"""Questions to the provider: kept first, asked without a transaction, answered once.

A lost answer is found again under the question's key; a provider that doesn't answer is asked
again with growing pauses, and in the end an operator decides without it.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from certification.contracts.identity import (
    CheckKind,
    CheckState,
    IdentityInfo,
    IdentityKind,
    IdentityState,
    PaperKind,
    Subject,
)
from certification.domain import assurance
from certification.errors.identity import CallbackRefused, NoProofPending, WrongAmount
from certification.events.identity import IdentityChanged
from certification.gateways import identity as port
from certification.gateways.http_identity import read_finding
from certification.gateways.identity import Finding, Question
from certification.models import Identity, IdentityCheck, IdentityPaper
from certification.selectors import identity as selectors
from certification.services import identity_locks as locks
from certification.services import identity_provider as providers
from kernel import audit, clock, jobs, outbox, personal, transactions
from kernel.errors import Conflict, Invalid, Malformed, NotFound
from kernel.failpoints import hit
from kernel.ids import uuid7

OPEN = (CheckState.ASKED, CheckState.PENDING)
MOST_ASKS, GUESSES = 8, 3
PAUSES = (5, 15, 60, 300, 900, 1800, 3600, 7200)  # seconds before it is asked again
WAIT_AMOUNT = timedelta(days=7)
TOLERANCE = timedelta(minutes=5)
_ACCOUNT = re.compile(r"[0-9A-Z]{8,34}")
_PASSED, _FAILED = {port.MATCH}, {
    port.MISMATCH, port.NO_RECORD, port.PHOTO_MISMATCH, port.EXPIRED, port.REFUSED, port.FAILED,
}  # fmt: skip


def open_check(
    row: Identity, kind: CheckKind, *, fields: Mapping[str, Any] | None = None, last4: str = ""
) -> IdentityCheck:
    """Keep a question and queue it; the identity is locked, the transaction the caller's."""
    now = clock.system()
    check = IdentityCheck(
        identity=row,
        kind=kind,
        key=uuid7(),
        provider=providers.DEFAULT,
        question_sealed=personal.seal(row.id, orjson.dumps(fields).decode()) if fields else "",
        last4=last4,
        asked_at=now,
        next_at=now + timedelta(seconds=PAUSES[0]),
    )
    check.save(force_insert=True)
    jobs.enqueue("certification.ask_check", {"check_id": str(check.id)})
    return check


def ask(*, check_id: UUID) -> None:
    """Ask or ask again, and record what came; nothing happens to an answered one."""
    transactions.assert_outside_transaction("Asking the identity provider")
    check = IdentityCheck.objects.filter(id=check_id).select_related("identity").first()
    if check is None or check.state not in OPEN:
        return
    if not providers.configured(check.provider):
        record(check_id=check_id, finding=Finding(port.UNKNOWN))
        return
    question = _question(check)
    if question is None:
        record(check_id=check_id, finding=Finding(port.REFUSED))
        return
    provider = providers.checker(check.provider)
    first = check.asks == 0 and not check.provider_id
    hit("certification.identity.before_ask")
    finding = provider.ask(question) if first else provider.find(question, check.provider_id)
    hit("certification.identity.after_ask")
    record(check_id=check_id, finding=finding)


def record(*, check_id: UUID, finding: Finding) -> None:
    """Commit what the provider said; counted once, whoever brings the news first."""
    with transactions.atomic():
        row, check = locks.check(check_id)
        if check.state not in OPEN:
            return
        check.asks += 1
        check.provider_id = check.provider_id or finding.provider_id
        waits_for_amount = check.kind == CheckKind.ACCOUNT and finding.outcome == port.SENT
        if finding.outcome in _PASSED and check.kind != CheckKind.ACCOUNT:
            _answered(check, CheckState.PASSED, finding.outcome)
        elif finding.outcome in _FAILED:
            _answered(check, CheckState.FAILED, finding.outcome)
        elif waits_for_amount:
            _pending(check, finding.outcome, clock.system() + WAIT_AMOUNT)
        elif check.asks >= MOST_ASKS or (check.outcome == port.SENT):
            _answered(check, CheckState.GIVEN_UP, "no_answer")
        else:
            pause = PAUSES[min(check.asks, len(PAUSES) - 1)]
            if finding.outcome == port.PENDING and check.state == CheckState.ASKED:
                _pending(check, finding.outcome, None)
            check.next_at = clock.system() + timedelta(seconds=pause)
        check.save()
        if check.state not in OPEN:
            _settle(row, check)


def ask_due(*, limit: int = 50) -> int:
    """Ask again what is due; how many were asked."""
    due = IdentityCheck.objects.filter(state__in=OPEN, next_at__lte=clock.system())
    ids = list(due.order_by("next_at").values_list("id", flat=True)[:limit])
    for check_id in ids:
        ask(check_id=check_id)
    return len(ids)


def send_small_amount(*, subject: Subject, holder: str, bank: str, account: str) -> IdentityInfo:
    """Have a small amount sent to the company's own account (小额打款); who can read the account's
    statement names it back. Raises NotFound, Invalid, Conflict (one is under way)."""
    number = account.replace(" ", "").upper()
    if not _ACCOUNT.fullmatch(number):
        raise Invalid(_("8 to 34 letters and digits."), field="account")
    with transactions.atomic():
        row = locks.of_subject(subject)
        stated = selectors.particulars(row) if row else None
        if row is None or stated is None or row.kind != IdentityKind.COMPANY:
            raise NotFound
        if row.state not in selectors.COUNTS:
            raise Conflict(_("Hand the identity in first."))
        if " ".join(holder.split()) != stated.name:
            raise Invalid(_("The account must be in the company's own name."), field="holder")
        if row.checks.filter(kind=CheckKind.ACCOUNT, state__in=OPEN).exists():
            raise Conflict(_("An amount is under way already."))
        fields = {"name": stated.name, "bank": bank[:100], "account": number}
        open_check(row, CheckKind.ACCOUNT, fields=fields, last4=number[-4:])
        audit.record(
            action="certification.identity.amount_sent", target=row, after={"last4": number[-4:]}
        )
    return selectors.identity(row.id)


def name_amount(*, subject: Subject, amount: int) -> IdentityInfo:
    """Name the small amount (minor units) that arrived; three tries. Raises NoProofPending,
    WrongAmount. Call it outside a transaction: the provider is asked."""
    transactions.assert_outside_transaction("Naming the amount")
    row = selectors.rows_of(subject).first()
    pending = row and row.checks.filter(
        kind=CheckKind.ACCOUNT, state=CheckState.PENDING, outcome=port.SENT
    ).first()  # fmt: skip
    if row is None or pending is None:
        raise NoProofPending
    # Counted before the question, so that guesses in parallel are no more than three.
    with transactions.atomic():
        _row, check = locks.check(pending.id)
        if check.state not in OPEN or check.guesses >= GUESSES:
            raise NoProofPending
        check.guesses += 1
        check.save()
    finding = providers.checker(check.provider).check_amount(check.provider_id, amount)
    with transactions.atomic():
        row, check = locks.check(pending.id)
        if check.state in OPEN:
            if finding.outcome == port.MATCH:
                _answered(check, CheckState.PASSED, port.MATCH)
            elif finding.outcome == port.UNKNOWN:
                check.guesses -= 1
            elif check.guesses >= GUESSES:
                _answered(check, CheckState.FAILED, port.MISMATCH)
            check.save()
            if check.state not in OPEN:
                _settle(row, check)
    if finding.outcome == port.UNKNOWN:
        raise Conflict(_("The provider doesn't answer; try again in a moment."))
    if finding.outcome != port.MATCH:
        raise WrongAmount(field="amount", left=max(0, GUESSES - check.guesses))
    return selectors.identity(row.id)


def receive_callback(*, provider: str, headers: Mapping[str, str], body: bytes) -> bool:
    """A provider's signed report (Standard Webhooks) of an answer; whether it was news. Raises
    CallbackRefused, Malformed, ProviderNotConfigured."""
    _verify(providers.callback_secret(provider), headers, body)
    try:
        data = orjson.loads(body)["data"]
        key, finding = UUID(str(data["key"])), read_finding(data)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Malformed from error
    check = IdentityCheck.objects.filter(key=key, provider=provider).first()
    if check is None or check.state not in OPEN or finding.outcome == port.UNKNOWN:
        return False
    record(check_id=check.id, finding=finding)
    return True


def _verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    ident, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secret or not at.isdecimal() or len(at) > 12:
        raise CallbackRefused
    if abs(clock.system().timestamp() - int(at)) > TOLERANCE.total_seconds():
        raise CallbackRefused
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"))
    except binascii.Error as error:
        raise CallbackRefused from error
    wanted = hmac.new(key, f"{ident}.{at}.".encode() + body, hashlib.sha256).digest()
    for part in headers.get("webhook-signature", "").split():
        kind, _comma, text = part.partition(",")
        if kind == "v1" and hmac.compare_digest(text.encode(), base64.b64encode(wanted)):
            return
    raise CallbackRefused


def _question(check: IdentityCheck) -> Question | None:
    """What to ask, in clear; None after erasure."""
    row = check.identity
    stated = selectors.particulars(row)
    if stated is None:
        return None
    if check.kind == CheckKind.ACCOUNT:
        text = personal.open_(row.id, check.question_sealed)
        return Question(check.key, "account", orjson.loads(text)) if text else None
    fields: dict[str, Any] = {
        "subject": str(row.kind),
        "name": stated.name,
        "number_kind": str(stated.number_kind),
        "number": stated.number,
    }
    if row.kind == IdentityKind.COMPANY:
        fields["representative"] = stated.representative
    if check.kind == CheckKind.PORTRAIT:
        paper = IdentityPaper.objects.filter(
            identity_id=row.id, kind=PaperKind.PORTRAIT, replaced_at=None
        ).first()
        if paper is None:
            return None
        fields["portrait_sha256"] = paper.sha256
    return Question(check.key, str(check.kind), fields)


def _pending(check: IdentityCheck, outcome: str, next_at: datetime | None) -> None:
    if check.state == CheckState.ASKED:
        check.move(CheckState.PENDING, action="certification.check.pending")
    check.outcome, check.next_at = outcome, next_at


def _answered(check: IdentityCheck, state: CheckState, outcome: str) -> None:
    check.move(state, action=f"certification.check.{state}", reason=outcome)
    check.outcome, check.next_at, check.answered_at = outcome, None, clock.system()
    check.question_sealed = ""


def _settle(row: Identity, check: IdentityCheck) -> None:
    """What an answer means for the identity; both are locked."""
    if row.state not in selectors.COUNTS:
        return
    if check.state == CheckState.PASSED:
        row.proven = [*row.proven, str(check.kind)]
        row.level = assurance.level_of(row.kind, row.proven)
    if row.state == IdentityState.CHECKING and check.kind != CheckKind.ACCOUNT:
        registry = row.checks.filter(kind=CheckKind.REGISTRY).latest("id")
        if registry.state == CheckState.FAILED:
            row.reason = registry.outcome
            row.move(
                IdentityState.NEEDS_MORE, action="certification.identity.needs_more",
                reason=registry.outcome,
            )  # fmt: skip
        elif registry.state not in OPEN:
            row.reason = "" if registry.state == CheckState.PASSED else "no_answer"
            row.move(IdentityState.IN_REVIEW, action="certification.identity.in_review")
    row.save()
    outbox.append(
        IdentityChanged(
            row.id, str(row.kind), row.merchant_id, row.person_id, str(row.state), row.level
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
