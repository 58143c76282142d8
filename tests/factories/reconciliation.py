"""A business day that was compared, with an exception."""

from datetime import timedelta

from kernel import clock
from payments import facade


def make_reconciled(document: str, *, party: str = "") -> None:
    """A day long enough ago that nothing of it is still waited for: the gateway tells of a
    payment that the ledger hasn't, and the bank of money from ``party`` if that is given."""
    day = clock.system().date() - timedelta(days=5)
    head = f"acct_1,{day},{day},Asia/Shanghai"
    rows = {
        "gateway": (
            "id,kind,source,document,amount,fee,net,currency,merchant,created,payout,arrival\n"
            f"txn_1,charge,ch_1,{document}x,100,0,100,CNY,,{day}T12:00:00+08:00,,\n"
        ),
        "bank": "id,kind,amount,currency,balance_after,counterparty,reference,date\n",
    }
    if party:
        rows["bank"] += f"stm_1,other,-700,CNY,-700,{party},unknown-1,{day}\n"
    for side, text in rows.items():
        facade.take_statement(
            side=side, data=f"#quancheng-statement,1,{side},{head}\n{text}".encode()
        )
    facade.reconcile_day(day=day, fetch=False)
