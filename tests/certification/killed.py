"""A signature that ``test_contracts_kill`` has made by a process of its own."""

from uuid import UUID

from certification.services.agreements import signing


def sign(*, id_: UUID, role: str, person: UUID, code: str, digest: str) -> None:
    signer = signing.Signer(person, code, digest)
    signing.sign(contract_id=id_, role=role, signer=signer)
