"""Escrow, deposits, disputes and inspections."""

from payments.contracts_guarantee import (
    REASONS,
    Acceptance,
    DisputeInfo,
    DisputeKind,
    DisputeState,
    EscrowInfo,
    EscrowState,
    EvidenceAbout,
    InspectionInfo,
    Split,
    SplitInfo,
    SplitKind,
)
from payments.errors_guarantee import (
    AlreadyDisputed,
    ChangeWaits,
    DisputeClosed,
    EscrowFrozen,
    EscrowHeldBack,
    EscrowNotHeld,
    InspectionGiven,
    InvalidEvidence,
    InvalidSplit,
    NeedsSecondPerson,
    NotDisputable,
    PayoutsOnHold,
)
from payments.selectors.disputes import dispute, disputes_of, disputes_page, is_party
from payments.selectors.escrow import escrow, escrow_for, escrows_page
from payments.services.deposits import begin_return, forfeit_deposit, freeze_deposit, return_deposit
from payments.services.disputes import (
    add_evidence,
    answer,
    decide,
    open_complaint,
    withdraw_complaint,
)
from payments.services.evidence import file_of as evidence_file
from payments.services.guarantee import accept as accept_escrow
from payments.services.guarantee import deliver as deliver_escrow
from payments.services.guarantee import inspected, open_escrow
from payments.services.inspections import inspections_of, report_inspection

__all__ = [
    "REASONS",
    "Acceptance",
    "AlreadyDisputed",
    "ChangeWaits",
    "DisputeClosed",
    "DisputeInfo",
    "DisputeKind",
    "DisputeState",
    "EscrowFrozen",
    "EscrowHeldBack",
    "EscrowInfo",
    "EscrowNotHeld",
    "EscrowState",
    "EvidenceAbout",
    "InspectionGiven",
    "InspectionInfo",
    "InvalidEvidence",
    "InvalidSplit",
    "NeedsSecondPerson",
    "NotDisputable",
    "PayoutsOnHold",
    "Split",
    "SplitInfo",
    "SplitKind",
    "accept_escrow",
    "add_evidence",
    "answer",
    "begin_return",
    "decide",
    "deliver_escrow",
    "dispute",
    "disputes_of",
    "disputes_page",
    "escrow",
    "escrow_for",
    "escrows_page",
    "evidence_file",
    "forfeit_deposit",
    "freeze_deposit",
    "inspected",
    "inspections_of",
    "is_party",
    "open_complaint",
    "open_escrow",
    "report_inspection",
    "return_deposit",
    "withdraw_complaint",
]
