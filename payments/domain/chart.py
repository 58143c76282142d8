"""The chart of accounts (科目表). docs/ledger.md shows each flow in T-accounts.

There is one ledger a currency. An account is named by currency, code and owner; its id follows
from them, so nobody has to look it up.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5

_SPACE = UUID("6f0d2f2e-5d0b-4c8e-9a55-0b1f3c7f4a10")


class Code(StrEnum):
    """What an account stands for. Those named merchant_… belong to a merchant, the last two to
    whoever has a wallet (a person or a merchant), all others to the platform.

    Assets grow on the debit side, what the platform owes others on the credit side.
    """

    GATEWAY = "gateway"  # asset: money at the card gateway
    OFFLINE = "offline"  # asset: money taken by the built-in offline method
    ALIPAY = "alipay"  # asset: money at Alipay
    WECHAT = "wechat"  # asset: money at WeChat Pay
    BANK = "bank"  # asset: the platform's bank account
    SETTLEMENT = "settlement"  # asset: on its way from the gateway to the bank
    COMMISSION = "commission"  # income
    SUBSIDY = "subsidy"  # expense: what the platform adds for its promotions
    GATEWAY_FEE = "gateway_fee"  # expense: what the gateway keeps of a charge
    WALLET_CLEARING = "wallet_clearing"  # between wallets and payments: empty after each
    LIQUIDITY = "liquidity"  # one a currency: what exchanges put in on one side, out on another
    SUSPENSE = "suspense"  # what isn't explained yet; only manual entries move it
    CARRIAGE = "carriage"  # owed: to carriers outside the platform
    TAX = "tax"  # owed: to the tax office
    SPLIT_CLEARING = "split_clearing"  # between merchants: empty after each
    CONTESTED = "contested"  # asset: taken by the gateway for open chargebacks
    DISPUTE_FEE = "dispute_fee"  # expense: what the gateway asks for a chargeback
    UNCLAIMED = "unclaimed"  # owed: money that came in and is nobody's payment (yet)
    MERCHANT_PENDING = "merchant_pending"  # owed: earned, not yet available
    MERCHANT_AVAILABLE = "merchant_available"  # owed: may be paid out
    MERCHANT_TRANSIT = "merchant_transit"  # owed: on its way to the merchant's bank
    MERCHANT_RESERVED = "merchant_reserved"  # owed: kept back for disputes and late refunds
    MERCHANT_OWED = "merchant_owed"  # asset: what the merchant owes after a late refund
    WALLET = "wallet"  # owed: stored balance (钱包余额)
    DEPOSIT = "deposit"  # owed: frozen as a guarantee deposit (保证金)


MERCHANT_CODES = (
    Code.MERCHANT_PENDING,
    Code.MERCHANT_AVAILABLE,
    Code.MERCHANT_TRANSIT,
    Code.MERCHANT_RESERVED,
    Code.MERCHANT_OWED,
)
# Their own side is the debit side: what they hold is debits less credits.
DEBIT_SIDE = frozenset(
    {
        Code.GATEWAY,
        Code.ALIPAY,
        Code.WECHAT,
        Code.OFFLINE,
        Code.BANK,
        Code.SETTLEMENT,
        Code.SUBSIDY,
        Code.GATEWAY_FEE,
        Code.CONTESTED,
        Code.DISPUTE_FEE,
        Code.MERCHANT_OWED,
    }
)
# The ledger itself refuses to overdraw these: debits may not exceed credits, or the reverse.
DEBIT_LIMITED = frozenset(
    {
        Code.UNCLAIMED,
        Code.MERCHANT_PENDING,
        Code.MERCHANT_AVAILABLE,
        Code.MERCHANT_TRANSIT,
        Code.MERCHANT_RESERVED,
        Code.WALLET,
        Code.DEPOSIT,
    }
)
CREDIT_LIMITED = frozenset({Code.MERCHANT_OWED})
# Each owner has one of these; of the others there is one a platform.
OWNED = frozenset({*MERCHANT_CODES, Code.WALLET, Code.DEPOSIT})


@lru_cache(maxsize=4096)
def _id(platform_id: UUID, currency: str, code: str, owner: UUID | None) -> UUID:
    return uuid5(_SPACE, f"{platform_id}:{currency}:{code}:{owner or ''}")


@dataclass(frozen=True, slots=True)
class Account:
    """One account by its name."""

    platform_id: UUID
    code: str
    currency: str
    owner: UUID | None = None

    @property
    def id(self) -> UUID:
        """The account's id: the same name always gives the same one."""
        return _id(self.platform_id, self.currency, self.code, self.owner)

    @property
    def debits_must_not_exceed_credits(self) -> bool:
        return self.code in DEBIT_LIMITED

    @property
    def credits_must_not_exceed_debits(self) -> bool:
        return self.code in CREDIT_LIMITED
