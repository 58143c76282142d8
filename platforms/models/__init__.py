"""Tables of the context: one aggregate a file."""

from .access import Session, SignInThrottle
from .directory import DirectoryEntry, DirectoryHost
from .invitation import EmailChange, Invitation, PasswordReset
from .key import ApiKey
from .merchant import Merchant
from .passkey import Passkey, PasskeyChallenge
from .person import Membership, Person, StaffRole
from .platform import Platform
from .privacy import DataExport, Erasure
from .second_factor import Confirmation, RecoveryCode, SecondFactor

__all__ = [
    "ApiKey",
    "Confirmation",
    "DataExport",
    "DirectoryEntry",
    "DirectoryHost",
    "EmailChange",
    "Erasure",
    "Invitation",
    "Membership",
    "Merchant",
    "Passkey",
    "PasskeyChallenge",
    "PasswordReset",
    "Person",
    "Platform",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "SignInThrottle",
    "StaffRole",
]
