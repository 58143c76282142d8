"""The timestamp authority (时间戳服务): answers by the platform's clock, and their log."""

from uuid import UUID

from django.utils.translation import gettext as _

from certification.authority import services
from certification.contracts.authority import TimestampInfo
from certification.domain.profiles import TSA_POLICY
from certification.keystore import KeyStoreProblem
from certification.models import Timestamp
from certification.pki import timestamps
from certification.pki.timestamps import Rejected, Wanted
from certification.selectors.authorities import timestamp_info
from kernel import clock
from kernel.actors import current_actor
from kernel.errors import Invalid
from kernel.ids import uuid7


def answer(der: bytes, *, purpose: str = "") -> bytes:
    """The TimeStampResp to a TimeStampReq, both DER; refusals are answers too."""
    try:
        wanted = timestamps.read(der)
        if wanted.policy not in (None, TSA_POLICY):
            raise Rejected("unaccepted_policy", f"The policy here is {TSA_POLICY}.")
        made = _stamp(wanted, purpose)
    except Rejected as why:
        return timestamps.refused(why)
    except KeyStoreProblem:
        return timestamps.refused(Rejected("system_failure", "The signing key doesn't answer."))
    return timestamps.granted(bytes(made.token))


def timestamp(imprint: bytes, *, hash: str = "sha256", purpose: str = "") -> TimestampInfo:
    """A timestamp over a digest made by the caller. Raises Invalid for another hash or length."""
    oid = timestamps.NAMES.get(hash)
    if oid is None or len(imprint) != timestamps.IMPRINTS[oid]:
        raise Invalid(_("Give a SHA-256 or SM3 digest of 32 bytes."), field="imprint")
    made = _stamp(Wanted(oid, imprint, None, None, True), purpose)
    return timestamp_info(made)


def _stamp(wanted: Wanted, purpose: str) -> Timestamp:
    authority = services.timestamp_authority()
    row_id: UUID = uuid7()  # the serial number: unique without asking anyone
    at = clock.business().replace(microsecond=0)
    token = timestamps.token(
        wanted, serial=row_id.int, policy=TSA_POLICY, at=at, authority=authority.signer,
        certificate=authority.certificate, chain=authority.chain[:-1],
    )  # fmt: skip
    actor = current_actor()
    return Timestamp.objects.create(
        id=row_id, hash_oid=wanted.hash_oid, imprint=wanted.imprint, policy=TSA_POLICY, at=at,
        merchant_id=actor.merchant_id, actor_kind=actor.kind, purpose=purpose, token=token,
        created_at=clock.system(),
    )  # fmt: skip
