"""The door of this context: payments (支付), refunds, balances, payouts, and the ledger behind.

Outside calls come in three parts: ``prepare_*`` and ``record_*`` belong into a transaction of the
caller's (or make their own), ``perform_*`` is called without one and answers a plain dict for
``record_*``. All may be repeated after a crash.
"""

from payments.facade import agreed, books, guarantees, invoicing, paying
from payments.facade.agreed import *  # noqa: F403
from payments.facade.books import *  # noqa: F403
from payments.facade.guarantees import *  # noqa: F403
from payments.facade.invoicing import *  # noqa: F403
from payments.facade.paying import *  # noqa: F403

__all__: list[str] = []
__all__ += agreed.__all__
__all__ += books.__all__
__all__ += guarantees.__all__
__all__ += invoicing.__all__
__all__ += paying.__all__
