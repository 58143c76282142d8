"""Recovery codes (恢复码): ten for each person with a second factor, for when it is lost."""

import hmac
import secrets
from uuid import UUID

from kernel import clock, personal
from platforms.errors import WrongCode
from platforms.models import RecoveryCode
from platforms.selectors_factors import recovery_codes

COUNT, LENGTH = 10, 16
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, 1, I, O: five bits each


def random_letters(length: int) -> str:
    """Letters that people can copy from paper."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def take(person_id: UUID, typed: str) -> None:
    """Use a code up, in the caller's transaction under the person's lock. Raises WrongCode."""
    for row in recovery_codes(person_id).filter(used_at=None).select_for_update():
        if hmac.compare_digest(row.code_hash, _hash(row.factor_id or person_id, typed)):
            row.used_at = clock.system()
            row.save(update_fields=["used_at"])
            return
    raise WrongCode(field="code")


def renew(person_id: UUID) -> list[str]:
    """Ten fresh codes in the place of all before, under the person's lock; shown only now."""
    drop(person_id)
    codes = [random_letters(LENGTH) for _ in range(COUNT)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person_id=person_id, code_hash=_hash(person_id, code)) for code in codes
    )
    return ["-".join(code[i : i + 4] for i in range(0, LENGTH, 4)) for code in codes]


def drop(person_id: UUID) -> None:
    """None is left."""
    recovery_codes(person_id).delete()


def _hash(owner: UUID, code: str) -> str:
    return personal.blind_index(f"{owner}:{code}", purpose="platforms.recovery")
