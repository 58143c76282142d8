"""Facts about contracts. They carry no contents: those stay with the parties."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class ContractProposed(Event):
    """A party proposed the contents of round ``round``; the others may agree or counter."""

    NAME: ClassVar[str] = "certification.contract.proposed.v1"
    contract_id: UUID
    number: str
    role: str
    round: int


@dataclass(frozen=True)
class ContractAgreed(Event):
    NAME: ClassVar[str] = "certification.contract.agreed.v1"
    contract_id: UUID
    number: str
    sha256: str


@dataclass(frozen=True)
class ContractSigningOpened(Event):
    NAME: ClassVar[str] = "certification.contract.signing_opened.v1"
    contract_id: UUID
    number: str
    sign_by: datetime
    reference: str = ""


@dataclass(frozen=True)
class ContractSigned(Event):
    """One party has signed."""

    NAME: ClassVar[str] = "certification.contract.signed.v1"
    contract_id: UUID
    number: str
    role: str
    sha256: str
    reference: str = ""


@dataclass(frozen=True)
class ContractEffective(Event):
    """All have signed. ``sha256`` is of the PDF with every signature."""

    NAME: ClassVar[str] = "certification.contract.effective.v1"
    contract_id: UUID
    number: str
    kind: str
    reference: str
    original_id: UUID | None
    sha256: str
    at: datetime


@dataclass(frozen=True)
class ContractEnded(Event):
    """``state``: terminated, expired, rejected, withdrawn."""

    NAME: ClassVar[str] = "certification.contract.ended.v1"
    contract_id: UUID
    number: str
    state: str
    reference: str


@dataclass(frozen=True)
class ContractAmended(Event):
    NAME: ClassVar[str] = "certification.contract.amended.v1"
    contract_id: UUID
    number: str
    amendment_id: UUID
    sha256: str
