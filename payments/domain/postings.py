"""Which transfers a fact of business makes. Pure; docs/ledger.md shows them as T-accounts.

Transfer ids follow from the payment's, refund's or payout's own id, so that recording the same
fact twice posts it once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from kernel.ids import public_id
from kernel.money import Money
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer

CLEARING = {
    "offline_test": Code.OFFLINE,
    "wallet": Code.WALLET_CLEARING,
    "alipay": Code.ALIPAY,
    "wechat": Code.WECHAT,
    "bank_transfer": Code.UNCLAIMED,
}


@dataclass(frozen=True, slots=True)
class Book:
    """The accounts of one platform in one currency. ``topup``: what is paid goes to the owner's
    wallet, where it would otherwise go to a merchant's balance."""

    platform_id: UUID
    currency: str
    topup: bool = False

    def of(self, code: Code, owner: UUID | None = None) -> Account:
        if self.topup and code in (Code.MERCHANT_PENDING, Code.MERCHANT_AVAILABLE):
            code = Code.WALLET
        return Account(self.platform_id, code, self.currency, owner)

    def clearing(self, gateway: str) -> Account:
        """Where a gateway's money stands."""
        return self.of(CLEARING.get(gateway, Code.GATEWAY))

    def money(self, amount: int) -> Money:
        return Money(amount, self.currency)


@dataclass(frozen=True, slots=True)
class SharePosting:
    """One share of a capture, in minor units."""

    place: int
    merchant_id: UUID
    reference: str
    amount: int
    commission: int
    subsidy: int = 0


@dataclass(frozen=True, slots=True)
class RefundPosting:
    """One share's part of a refund, in minor units, by where the money comes from. Of it all,
    ``subsidy_back`` goes to the platform and the rest to the buyer."""

    place: int
    merchant_id: UUID
    reference: str
    commission_back: int
    from_pending: int
    from_available: int
    from_owed: int
    subsidy_back: int = 0

    @property
    def to_buyer(self) -> int:
        merchant = self.from_pending + self.from_available + self.from_owed
        return self.commission_back + merchant - self.subsidy_back

    def legs(self, book: Book, clearing: Account) -> list[tuple[str, str, Account, Account, int]]:
        """(name, transfer code, from, to, amount) of each part that is something: the sources in
        their order first for the buyer, then for the platform's subsidy."""
        found, left = [], self.to_buyer
        for name, code, source, amount in self.sources(book):
            first = min(left, amount)
            left -= first
            if first:
                found.append((name, code, source, clearing, first))
            if amount - first:
                kind = code if name == "commission" else "subsidy_returned"
                to = book.of(Code.SUBSIDY)
                found.append((f"subsidy:{name}", kind, source, to, amount - first))
        return found

    def sources(self, book: Book) -> list[tuple[str, str, Account, int]]:
        """(name, transfer code, account, amount) of each source that gives something."""
        code = "withdrawal" if book.topup else "refund"
        every = [
            ("commission", "commission_refund", book.of(Code.COMMISSION), self.commission_back),
            (
                "pending",
                code,
                book.of(Code.MERCHANT_PENDING, self.merchant_id),
                self.from_pending,
            ),
            (
                "available",
                code,
                book.of(Code.MERCHANT_AVAILABLE, self.merchant_id),
                self.from_available,
            ),
            ("owed", code, book.of(Code.MERCHANT_OWED, self.merchant_id), self.from_owed),
        ]
        return [source for source in every if source[3]]


def capture(
    book: Book, *, intent_id: UUID, gateway: str, shares: Iterable[SharePosting]
) -> list[Transfer]:
    """The money has come: each share to its merchant's pending balance, less the commission."""
    document = public_id("pay", intent_id)
    transfers = []
    for share in shares:
        pending = book.of(Code.MERCHANT_PENDING, share.merchant_id)
        code = "topup" if book.topup else "charge"
        legs = [(code, book.clearing(gateway), pending, share.amount)]
        if share.subsidy:
            legs.append(("subsidy", book.of(Code.SUBSIDY), pending, share.subsidy))
        if share.commission:
            legs.append(("commission", pending, book.of(Code.COMMISSION), share.commission))
        transfers += [
            Transfer(
                id=uuid5(intent_id, f"{code}:{share.place}"),
                debit=debit,
                credit=credit,
                amount=book.money(amount),
                code=code,
                journal=intent_id,
                merchant_id=share.merchant_id,
                reference=share.reference,
                document=document,
            )
            for code, debit, credit, amount in legs
        ]
    return transfers


def gateway_fee(
    book: Book, *, intent_id: UUID, gateway: str, fee: int, document: str = ""
) -> Transfer:
    """What the gateway kept of the charge; the platform bears it, its commission covers it."""
    return Transfer(
        id=uuid5(intent_id, "gateway_fee"),
        debit=book.of(Code.GATEWAY_FEE),
        credit=book.clearing(gateway),
        amount=book.money(fee),
        code="gateway_fee",
        journal=intent_id,
        document=document or public_id("pay", intent_id),
    )


def gateway_fee_back(
    book: Book, *, refund_id: UUID, gateway: str, fee: int, document: str = ""
) -> Transfer:
    """What a provider gives back of its fee when money goes back."""
    return Transfer(
        id=uuid5(refund_id, "gateway_fee"),
        debit=book.clearing(gateway),
        credit=book.of(Code.GATEWAY_FEE),
        amount=book.money(fee),
        code="gateway_fee_back",
        journal=refund_id,
        document=document or public_id("ref", refund_id),
    )


def _refund_transfers(
    book: Book, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting], verb: str
) -> list[Transfer]:
    flag = {"hold": Flag.PENDING, "post": Flag.POST, "void": Flag.VOID}[verb]
    return [
        Transfer(
            id=uuid5(refund_id, f"{verb}:{part.place}:{name}"),
            debit=source,
            credit=to,
            amount=book.money(amount),
            code=code,
            journal=refund_id,
            flags=flag,
            pending_id=None if verb == "hold" else uuid5(refund_id, f"hold:{part.place}:{name}"),
            merchant_id=part.merchant_id,
            reference=part.reference,
            document=public_id("ref", refund_id),
        )
        for part in parts
        for name, code, source, to, amount in part.legs(book, book.clearing(gateway))
    ]


def hold_refund(
    book: Book, *, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting]
) -> list[Transfer]:
    """Before the gateway is asked: reserve the money where it will come from."""
    return _refund_transfers(book, refund_id, gateway, parts, "hold")


def post_refund(
    book: Book, *, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting]
) -> list[Transfer]:
    """The gateway has refunded: what was held leaves."""
    return _refund_transfers(book, refund_id, gateway, parts, "post")


def void_refund(
    book: Book,
    *,
    refund_id: UUID,
    gateway: str,
    parts: Iterable[RefundPosting],
    released: frozenset[int],
) -> list[Transfer]:
    """The gateway refused: what was held is free again. A share released meanwhile (its place in
    ``released``) takes what comes back to its pending balance along to the available one."""
    found = list(parts)
    transfers = _refund_transfers(book, refund_id, gateway, found, "void")
    for part in found:
        if part.place in released and part.from_pending:
            transfers.append(_late_release(book, refund_id, part))
    return transfers


_REVERSED = {
    "commission_refund": "commission_restored",
    "refund": "refund_failure",
    "subsidy_returned": "subsidy_restored",
    "withdrawal": "withdrawal_failed",
}


def reverse_refund(
    book: Book,
    *,
    refund_id: UUID,
    gateway: str,
    parts: Iterable[RefundPosting],
    released: frozenset[int],
) -> list[Transfer]:
    """A refund that had succeeded came back: everything returns to where it came from. What the
    merchant owed for it may have been recovered meanwhile, so that returns as available money."""
    transfers = []
    for part in parts:
        for name, code, source, to, amount in part.legs(book, book.clearing(gateway)):
            account = source
            if name in ("owed", "subsidy:owed"):
                account = book.of(Code.MERCHANT_AVAILABLE, part.merchant_id)
            transfers.append(
                Transfer(
                    id=uuid5(refund_id, f"reverse:{part.place}:{name}"),
                    debit=to,
                    credit=account,
                    amount=book.money(amount),
                    code=_REVERSED[code],
                    journal=refund_id,
                    merchant_id=part.merchant_id,
                    reference=part.reference,
                    document=public_id("ref", refund_id),
                )
            )
        if part.place in released and part.from_pending:
            transfers.append(_late_release(book, refund_id, part))
    return transfers


def _late_release(book: Book, refund_id: UUID, part: RefundPosting) -> Transfer:
    return Transfer(
        id=uuid5(refund_id, f"release:{part.place}"),
        debit=book.of(Code.MERCHANT_PENDING, part.merchant_id),
        credit=book.of(Code.MERCHANT_AVAILABLE, part.merchant_id),
        amount=book.money(part.from_pending),
        code="release",
        journal=refund_id,
        merchant_id=part.merchant_id,
        reference=part.reference,
        document=public_id("ref", refund_id),
    )


def payout(book: Book, *, payout_id: UUID, merchant_id: UUID, amount: int, step: str) -> Transfer:
    """``step``: ``start`` (available → in transit), ``paid`` (in transit → bank) or ``failed``
    (in transit → available again)."""
    available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    transit = book.of(Code.MERCHANT_TRANSIT, merchant_id)
    code, debit, credit = {
        "start": ("payout", available, transit),
        "paid": ("payout_paid", transit, book.of(Code.BANK)),
        "failed": ("payout_failure", transit, available),
    }[step]
    return Transfer(
        id=uuid5(payout_id, step),
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=code,
        journal=payout_id,
        merchant_id=merchant_id,
        document=public_id("pot", payout_id),
    )


def wallet(
    book: Book, *, id: UUID, owner_id: UUID, amount: int, step: str, reference: str, document: str
) -> Transfer:
    """One movement of a wallet (钱包). ``step``: ``wallet_payment`` (out, for a payment that takes
    it from the clearing account), ``wallet_refund`` (back), ``deposit`` (frozen),
    ``deposit_returned`` or ``deposit_forfeited`` (to be credited by ``forfeited_to``)."""
    purse, frozen = book.of(Code.WALLET, owner_id), book.of(Code.DEPOSIT, owner_id)
    clearing = book.of(Code.WALLET_CLEARING)
    debit, credit = {
        "wallet_payment": (purse, clearing),
        "wallet_refund": (clearing, purse),
        "deposit": (purse, frozen),
        "deposit_returned": (frozen, purse),
        "deposit_forfeited": (frozen, clearing),
    }[step]
    return Transfer(
        id=uuid5(id, step),
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=step,
        journal=id,
        merchant_id=owner_id,
        reference=reference,
        document=document,
    )


def forfeited_to(
    book: Book, *, id: UUID, merchant_id: UUID, amount: int, reference: str, document: str
) -> Transfer:
    """A forfeited deposit, from the clearing account to who it was a guarantee for."""
    return Transfer(
        id=uuid5(id, "deposit_received"),
        debit=book.of(Code.WALLET_CLEARING),
        credit=book.of(Code.MERCHANT_AVAILABLE, merchant_id),
        amount=book.money(amount),
        code="deposit_received",
        journal=id,
        merchant_id=merchant_id,
        reference=reference,
        document=document,
    )


def unclaimed(
    book: Book, *, id: UUID, amount: int, step: str, gateway: str = "", document: str = ""
) -> Transfer:
    """Money that came in and is nobody's payment, or goes out again. ``step``: ``late_charge`` (a
    gateway charged a second time), ``late_charge_returned``, ``bank_credit`` (a transfer came in),
    ``bank_refund`` (a refund of what came by transfer leaves the bank)."""
    held, bank, clearing = book.of(Code.UNCLAIMED), book.of(Code.BANK), book.clearing(gateway)
    debit, credit = {
        "late_charge": (clearing, held),
        "late_charge_returned": (held, clearing),
        "bank_credit": (bank, held),
        "bank_refund": (held, bank),
    }[step]
    return Transfer(
        id=uuid5(id, step),
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=step,
        journal=id,
        document=document,
    )
