"""Merchants: take in, review, approve, suspend, change."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, outbox, personal, transactions
from kernel.errors import Invalid
from kernel.ids import public_id, uuid7
from platforms import events, locks, lookup, selectors
from platforms.contracts import BankAccount, MerchantInfo, MerchantState
from platforms.errors import AccountNeedsConfirmation, ExternalIdTaken, SlugTaken
from platforms.models import Merchant
from platforms.services import blueprint_rules as rules
from platforms.services.open_platform import languages

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CHANGED = ("slug", "names", "external_id", "metadata", "payout_bank", "payout_account_last4")
_before_approval: list[Callable[[UUID], None]] = []


def create_merchant(
    *,
    names: Mapping[str, str],
    contact_email: str,
    slug: str | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> MerchantInfo:
    """Take a merchant's application in. Raises Invalid, SlugTaken, ExternalIdTaken."""
    _check_names(names)
    email = lookup.normal_email(contact_email, field="contact_email")
    merchant = Merchant(
        id=uuid7(),
        names=dict(names),
        external_id=external_id,
        metadata=dict(metadata or {}),
    )
    merchant.slug = _check_slug(slug) if slug else slug_for(names, merchant.id)
    with transactions.atomic():
        merchant.contact_email_sealed = personal.seal(merchant.id, email)
        _save(merchant, force_insert=True)
        audit.record(
            action="platforms.merchant.created",
            target=merchant,
            before={},
            after={"slug": merchant.slug, "names": merchant.names, "contact_email": email},
            personal=frozenset({"contact_email"}),
            subject=merchant.id,
        )
        outbox.append(
            events.MerchantCreated(
                merchant_id=merchant.id, slug=merchant.slug, names=merchant.names
            ),
            aggregate=merchant,
            merchant_id=merchant.id,
        )
    return selectors.merchant(merchant.id)


def update_merchant(
    *,
    merchant_id: UUID,
    names: Mapping[str, str] | None = None,
    contact_email: str | None = None,
    slug: str | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    payout_account: BankAccount | None = None,
    account_confirmed: bool = False,
    check: Callable[[int], None] | None = None,
) -> MerchantInfo:
    """Change what is given; ``check`` is called with the locked row's version (If-Match).

    A first bank account is taken as it is; another one needs ``account_confirmed``: a second person
    has looked at it. Raises AccountNeedsConfirmation.
    """
    if names is not None:
        _check_names(names)
    email = (
        lookup.normal_email(contact_email, field="contact_email")
        if contact_email is not None
        else None
    )
    with transactions.atomic():
        merchant = locks.merchant(merchant_id)
        if check is not None:
            check(merchant.version)
        before = {name: getattr(merchant, name) for name in CHANGED}
        merchant.names = dict(names) if names is not None else merchant.names
        merchant.slug = _check_slug(slug) if slug is not None else merchant.slug
        merchant.external_id = external_id if external_id is not None else merchant.external_id
        merchant.metadata = dict(metadata) if metadata is not None else merchant.metadata
        after: dict[str, Any] = {}
        if email is not None:
            before["contact_email"] = selectors.opened(merchant.id, merchant.contact_email_sealed)
            after["contact_email"] = email
            merchant.contact_email_sealed = personal.seal(merchant.id, email)
        if payout_account is not None:
            _change_account(merchant, payout_account, account_confirmed)
        _save(merchant)
        after.update({name: getattr(merchant, name) for name in CHANGED})
        audit.record(
            action="platforms.merchant.changed",
            target=merchant,
            before=before,
            after=after,
            personal=frozenset({"contact_email"}),
            subject=merchant.id,
        )
        if any(before[name] != after[name] for name in ("slug", "names")):
            outbox.append(
                events.MerchantChanged(
                    merchant_id=merchant.id, slug=merchant.slug, names=merchant.names
                ),
                aggregate=merchant,
                merchant_id=merchant.id,
            )
    return selectors.merchant(merchant_id)


def start_review(*, merchant_id: UUID) -> MerchantInfo:
    """Take an application up for review."""
    return _move(merchant_id, MerchantState.IN_REVIEW, "platforms.merchant.review_started", "")


def return_application(*, merchant_id: UUID, reason: str) -> MerchantInfo:
    """Give an application back to the merchant with what is missing."""
    return _move(merchant_id, MerchantState.APPLIED, "platforms.merchant.returned", reason)


def before_approval(check: Callable[[UUID], None]) -> None:
    """Have ``check`` called with the merchant's id before it is approved; it raises to refuse."""
    if check not in _before_approval:
        _before_approval.append(check)


def check_approval(*, merchant_id: UUID) -> None:
    """Raise what a context raises that asks for more before this approval."""
    for check in _before_approval:
        check(merchant_id)


def approve_merchant(*, merchant_id: UUID) -> MerchantInfo:
    """The merchant may sell. Raises InvalidTransition unless applied or in review, and what
    a context raises that asks for more (``before_approval``)."""
    check_approval(merchant_id=merchant_id)
    return _move(merchant_id, MerchantState.APPROVED, "platforms.merchant.approved", "")


def suspend_merchant(*, merchant_id: UUID, reason: str) -> MerchantInfo:
    """Stop a merchant: its offers can't be bought, its keys answer 403."""
    if not reason.strip():
        raise Invalid(_("Say why the merchant is suspended."), field="reason")
    return _move(
        merchant_id, MerchantState.SUSPENDED, "platforms.merchant.suspended", reason.strip()
    )


def reopen_merchant(*, merchant_id: UUID, reason: str = "") -> MerchantInfo:
    """End a suspension."""
    return _move(merchant_id, MerchantState.APPROVED, "platforms.merchant.reopened", reason)


def _move(merchant_id: UUID, to: MerchantState, action: str, reason: str) -> MerchantInfo:
    with transactions.atomic():
        merchant = locks.merchant(merchant_id)
        if action == "platforms.merchant.approved" and merchant.state == MerchantState.SUSPENDED:
            # A suspension is ended by reopening only, so that nobody ends it unawares.
            Merchant.TRANSITIONS.check(MerchantState.APPROVED, to)
        if action == "platforms.merchant.returned" and merchant.state == MerchantState.CLOSED:
            # What came to nothing begins anew by an application only.
            Merchant.TRANSITIONS.check(MerchantState.CLOSED, MerchantState.IN_REVIEW)
        if action == "platforms.merchant.reopened" and merchant.state != MerchantState.SUSPENDED:
            Merchant.TRANSITIONS.check(to, to)
        merchant.move(to, action=action, reason=reason)
        if to == MerchantState.APPROVED and merchant.approved_at is None:
            merchant.approved_at = clock.business()
        merchant.save()
        event: events.MerchantApproved | events.MerchantSuspended | None = None
        if to == MerchantState.APPROVED:
            event = events.MerchantApproved(merchant_id=merchant.id)
        elif to == MerchantState.SUSPENDED:
            event = events.MerchantSuspended(merchant_id=merchant.id, reason=reason)
        if event is not None:
            outbox.append(event, aggregate=merchant, merchant_id=merchant.id)
    return selectors.merchant(merchant_id)


def slug_for(names: Mapping[str, str], merchant_id: UUID) -> str:
    """A slug from the name in Latin letters, with an end of the id that makes it unique."""
    end = public_id("mer", merchant_id)[-5:]
    for language in ("en", *names):
        plain = unicodedata.normalize("NFKD", names.get(language, ""))
        text = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower())
        if text.strip("-"):
            return f"{text.strip('-')[:50].strip('-')}-{end}"
    return f"m-{end}"


def _check_slug(slug: str) -> str:
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        raise Invalid(
            _("A slug has 1 to 60 of a-z and 0-9, parted by single hyphens."), field="slug"
        )
    return slug


def _check_names(names: Mapping[str, str]) -> None:
    problems = rules.name_problems(names, languages=languages())
    if problems:
        raise Invalid(problems=problems)


def _save(merchant: Merchant, *, force_insert: bool = False) -> None:
    try:
        with transactions.atomic():
            merchant.save(force_insert=force_insert)
    except IntegrityError as error:
        if "platforms_merchant_slug" in str(error):
            raise SlugTaken(field="slug") from error
        if "platforms_merchant_external" in str(error):
            raise ExternalIdTaken(field="external_id") from error
        raise


def _change_account(merchant: Merchant, account: BankAccount, confirmed: bool) -> None:
    if _same_account(merchant, account):
        return
    if merchant.payout_account_sealed and not confirmed:
        raise AccountNeedsConfirmation(field="payout_account")
    _set_account(merchant, account)


def _same_account(merchant: Merchant, account: BankAccount) -> bool:
    """Whether the merchant has just this account already; whatever was erased is another."""
    known = selectors.payout_account(merchant.id)
    number = re.sub(r"[\s-]", "", account.number)
    wanted = (account.bank.strip()[:100], account.holder.strip()[:100], number)
    return known is not None and (known.bank, known.holder, known.number) == wanted


def _set_account(merchant: Merchant, account: BankAccount) -> None:
    number = re.sub(r"[\s-]", "", account.number)
    if not re.fullmatch(r"[A-Z0-9]{8,34}", number):
        raise Invalid(
            _("An account number has 8 to 34 digits or capital letters."),
            field="payout_account.number",
        )
    if not account.bank.strip() or not account.holder.strip():
        raise Invalid(_("Name the bank and the holder."), field="payout_account")
    merchant.payout_bank = account.bank.strip()[:100]
    merchant.payout_holder_sealed = personal.seal(merchant.id, account.holder.strip()[:100])
    merchant.payout_account_sealed = personal.seal(merchant.id, number)
    merchant.payout_account_last4 = number[-4:]
