"""Row locks of this context, in this order:
profile, template, contract, seal, certificate, authority, key."""

from uuid import UUID

from certification.models import (
    Authority,
    Certificate,
    Contract,
    ContractTemplate,
    Seal,
    StoredKey,
)
from kernel import tenancy
from kernel.errors import NotFound
from kernel.transactions import cursor


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


def profile(code: str) -> None:
    """Changes of this certificate profile wait for each other; a profile has no row of its own."""
    with cursor() as sql:
        sql.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtextextended('certification.profile' || %s || %s, 0))",
            [str(tenancy.current_id()), code],
        )


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
