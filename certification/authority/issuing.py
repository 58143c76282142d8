"""Issuing a certificate from the platform's own chain."""

from datetime import timedelta

from certification.authority import chains
from certification.authority.keyring import signer
from certification.domain.profiles import NOTICE, TEST_UNIT
from certification.gateways.base import CertificateOrder, Issued
from certification.models import Authority
from certification.pki import certificates
from kernel import clock
from kernel.ids import public_id

SKEW = timedelta(minutes=1)


def issue(order: CertificateOrder, *, by: Authority | None = None) -> Issued:
    """A certificate in DER, valid from a minute ago by the platform's clock, issued by the
    generation that issues now or the one named."""
    row = by or chains.authority(order.algorithm)
    named = public_id("cau", row.id)
    begin = max((clock.business() - SKEW).replace(microsecond=0), row.not_before)
    end = min(begin + timedelta(days=order.days), row.not_after)
    profile = order.profile
    contents = certificates.Contents(
        subject=subject_names(order),
        spki=order.spki,
        not_before=begin,
        not_after=end,
        key_usage=frozenset(profile.key_usage),
        extended_key_usage=profile.extended_key_usage,
        extended_critical=profile.extended_critical,
        policies=(profile.policy,),
        notice=NOTICE,
        crl_urls=(chains.crl_url(named),),
        ocsp_urls=() if profile.ocsp_no_check else (chains.ocsp_url(),),
        issuer_urls=(chains.certificate_url(named),),
        ocsp_no_check=profile.ocsp_no_check,
        emails=tuple(e for e in [order.subject.get("email_address", "")] if e),
    )
    der = certificates.issue(contents, issuer=signer(row.key), issuer_name=chains.name_of(row))
    return Issued(
        serial=f"{contents.serial:x}",
        certificate=der,
        chain=chains.chain_of(row),
        not_before=begin,
        not_after=end,
        authority_id=row.id,
    )


def subject_names(order: CertificateOrder) -> dict[str, str | list[str]]:
    """The subject's names in their usual order, with the unit that says: test only."""
    given = order.subject
    names: dict[str, str | list[str]] = {"country_name": "CN"}
    for kind in ("state_or_province_name", "locality_name", "organization_name"):
        names[kind] = given.get(kind, "")
    names["organizational_unit_name"] = TEST_UNIT
    for kind in ("organization_identifier", "common_name", "serial_number", "title"):
        names[kind] = given.get(kind, "")
    return {kind: value for kind, value in names.items() if value}
