"""Row locks of this context, in this order:
template, contract, seal, certificate, authority, key."""

from uuid import UUID

from certification.models import (
    Authority,
    Certificate,
    Contract,
    ContractTemplate,
    Seal,
    StoredKey,
)
from kernel.errors import NotFound


def seal(seal_id: UUID) -> Seal:
    """The seal, locked. Raises NotFound."""
    row = Seal.objects.select_for_update().filter(id=seal_id).first()
    if row is None:
        raise NotFound
    return row


def certificate(certificate_id: UUID) -> Certificate:
    """The certificate, locked. Raises NotFound."""
    row = Certificate.objects.select_for_update().filter(id=certificate_id).first()
    if row is None:
        raise NotFound
    return row


def authority(authority_id: UUID) -> Authority:
    """The authority, locked. Raises NotFound."""
    row = Authority.objects.select_for_update().filter(id=authority_id).first()
    if row is None:
        raise NotFound
    return row


def key(key_id: UUID) -> StoredKey:
    """The key, locked. Raises NotFound."""
    row = StoredKey.objects.select_for_update().filter(id=key_id).first()
    if row is None:
        raise NotFound
    return row


def template(template_id: UUID) -> ContractTemplate:
    """The contract template, locked. Raises NotFound."""
    row = ContractTemplate.objects.select_for_update().filter(id=template_id).first()
    if row is None:
        raise NotFound
    return row


def contract(contract_id: UUID) -> Contract:
    """The contract, locked; its parties are changed under this lock only. Raises NotFound."""
    row = Contract.objects.select_for_update().filter(id=contract_id).first()
    if row is None:
        raise NotFound
    return row
