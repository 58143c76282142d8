"""Evidence packages (证据包): all that proves a document, in one ZIP that needs nobody of us.

Pure: built from bytes, checked from bytes. The commands in it use openssl and what every Unix has.
``build`` loads pyHanko: import it where it is used.
"""

from certification.evidence.chain import GENESIS, head_of
from certification.evidence.contents import Contents, Detached, Seal

__all__ = ["GENESIS", "Contents", "Detached", "Seal", "head_of"]
