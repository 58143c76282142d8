"""Opening an account of the simulated world, and finding it by its secret key."""

from sandbox import clock, conf, database, idents
from sandbox.models import Account, BalanceTransaction, BankBalance, SecretKey
from sandbox.rows import Rows

PREFIX = "sk_test_"
_ACCOUNTS = Rows(Account)
_BY_KEY = f"""
SELECT {_ACCOUNTS.columns("a")}, EXISTS (SELECT FROM sandbox_fault f WHERE f.account_id = a.id)
FROM sandbox_secretkey k JOIN sandbox_account a ON a.id = k.account_id WHERE k.digest = %s
"""  # noqa: S608


def create_account(name: str, *, country: str = "CN", default_currency: str = "cny") -> str:
    """Open an account with play money at gateway and bank; returns its secret key, once."""
    moment = clock.unix()
    with database.atomic():
        account = Account.objects.create(
            id=idents.new("acct"),
            name=name,
            country=country,
            default_currency=default_currency.lower(),
            created=moment,
        )
        opening, currencies = int(conf.get("OPENING_BALANCE")), conf.currencies()
        BalanceTransaction.objects.bulk_create(
            BalanceTransaction(
                id=idents.new("txn"),
                account=account,
                created=moment,
                amount=opening,
                net=opening,
                currency=currency,
                type="adjustment",
                reporting_category="other_adjustment",
                available_on=moment,
                description="Opening balance of the sandbox",
            )
            for currency in currencies
        )
        BankBalance.objects.bulk_create(
            BankBalance(owner=account, currency=currency.upper(), amount=opening)
            for currency in currencies
        )
        return add_key(account)


def add_key(account: Account) -> str:
    """Another secret key for the account; shown once, kept as a hash."""
    key = PREFIX + idents.random(40)
    SecretKey.objects.create(
        account=account, digest=idents.digest(key), hint=hint(key), created=clock.unix()
    )
    return key


def find(key: str) -> Account | None:
    """The account of a secret key; its ``planned`` tells whether faults are planned for it."""
    for *row, planned in database.rows((_BY_KEY, [idents.digest(key)]))[0]:
        account = _ACCOUNTS.read(row)
        account.planned = planned  # type: ignore[attr-defined]
        return account
    return None


def hint(key: str) -> str:
    """A key as it may appear in messages."""
    return f"{key[:8]}****{key[-4:]}" if len(key) > 16 else "****"
