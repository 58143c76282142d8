"""The platform's own authority, judged by OpenSSL."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asn1crypto import pem as certificate_pem
from asn1crypto import tsp, x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key

from certification.contracts.authority import Algorithm, CertificateInfo, CertificateState
from certification.errors.authority import (
    AlgorithmNotOffered,
    CertificateKeyReused,
    CertificateNotUsable,
    InvalidRequestFile,
    InvalidSubject,
    KeyNotHeld,
    UnknownProfile,
)
from certification.models import Certificate, RevocationList, StoredKey, Timestamp
from certification.pki import certificates, crls, statuses, timestamps
from certification.selectors.certificates import certificate, certificates_page
from certification.services import holders, revoke, stamp
from certification.services import statuses as published
from certification.services.enrol import enrol, renew
from kernel import clock, tenancy
from kernel.audit import entries_for
from kernel.errors import Invalid, InvalidTransition
from kernel.records.outbox import OutboxEvent
from tests.certification.judges import DISTID, changed, openssl, write, write_pem
from tests.factories.platforms import make_platform

pytestmark = pytest.mark.django_db
COMPANY = {"common_name": "黑龙江玉米贸易有限公司", "organization_name": "黑龙江玉米贸易有限公司"}


def make_certificate(
    algorithm: Algorithm | None = Algorithm.P256, profile: str = "organization", **fields: Any
) -> CertificateInfo:
    values: dict[str, Any] = {"merchant_id": uuid4(), "subject": COMPANY, "key": uuid4(), **fields}
    return enrol(profile=profile, algorithm=algorithm, **values)


def authority_id(found: CertificateInfo) -> Any:
    return Certificate.objects.get(id=found.id).authority_id


def test_p256_chain_stands_before_openssl(platform: Any, tmp_path: Path) -> None:
    found = make_certificate()
    issuing, root = found.chain
    named = (("root", root), ("issuing", issuing), ("leaf", found.der))
    files = {name: write_pem(tmp_path / name, der) for name, der in named}
    strict = ["verify", "-x509_strict", "-CAfile", files["root"], "-untrusted", files["issuing"]]
    for purpose in ("smimesign", "any"):
        assert openssl(*strict, "-purpose", purpose, files["leaf"])[0] == 0
    assert openssl(*strict, "-purpose", "sslserver", files["leaf"])[0] != 0
    assert openssl("verify", "-CAfile", files["root"], files["leaf"])[0] != 0  # no issuer given
    other = make_platform()
    with tenancy.scope(other):
        foreign = make_certificate()
    stranger = write_pem(tmp_path / "stranger", *foreign.chain)
    assert openssl("verify", "-CAfile", stranger, files["leaf"])[0] != 0  # another platform's root
    broken = write_pem(tmp_path / "broken", changed(found.der))
    code, text = openssl(*strict, broken)
    assert code != 0
    assert "signature failure" in text
    late = str(int((clock.business() + timedelta(days=731)).timestamp()))
    code, text = openssl(*strict, "-attime", late, files["leaf"])
    assert code != 0
    assert "expired" in text


def test_every_certificate_says_that_it_is_for_tests(platform: Any) -> None:
    found = make_certificate()
    for der in (found.der, *found.chain):
        read = x509.Certificate.load(der)
        assert "TEST ONLY" in read.subject.native["organizational_unit_name"]
        policies = read.certificate_policies_value
        notice = policies[0]["policy_qualifiers"][0]["qualifier"].native["explicit_text"]
        assert "not by a licensed provider" in notice
        assert len(notice) <= 200
    assert x509.Certificate.load(found.der).subject.native["common_name"] == COMPANY["common_name"]


def test_sm2_chain_stands_before_openssl(platform: Any, tmp_path: Path) -> None:
    found = make_certificate(Algorithm.SM2)
    issuing, root = found.chain
    leaf = write_pem(tmp_path / "leaf", found.der)
    above = write_pem(tmp_path / "issuing", issuing)
    top = write_pem(tmp_path / "root", root)
    # OpenSSL takes the distinguishing id for the first certificate only: one step at a time.
    step = ["verify", "-partial_chain", "-vfyopt", DISTID]
    assert openssl(*step, "-trusted", above, leaf)[0] == 0
    assert openssl(*step, "-trusted", top, above)[0] == 0
    assert openssl("verify", "-partial_chain", "-trusted", above, leaf)[0] != 0  # another id
    broken = write_pem(tmp_path / "broken", changed(found.der))
    assert openssl(*step, "-trusted", above, broken)[0] != 0
    assert openssl(*step, "-trusted", top, leaf)[0] != 0

    assert found.key_id is not None
    document = write(tmp_path / "document", b"200 t of corn")
    signature = write(tmp_path / "sig", holders.sign(found.key_id, document.read_bytes()))
    assert openssl("x509", "-in", leaf, "-pubkey", "-noout", "-out", tmp_path / "pub")[0] == 0
    judge = ["dgst", "-sm3", "-verify", tmp_path / "pub", "-sigopt", DISTID, "-signature"]
    assert openssl(*judge, signature, document)[0] == 0
    assert openssl(*judge, signature, write(tmp_path / "other", b"201 t of corn"))[0] != 0
    assert openssl(*judge, write(tmp_path / "s2", changed(signature.read_bytes())), document)[0]

    crl = holders.crl_for(found.id)
    assert crls.signed_by(crl, certificates.spki_of(issuing))
    assert not crls.signed_by(changed(crl), certificates.spki_of(issuing))
    assert openssl("crl", "-inform", "DER", "-noout", "-in", write(tmp_path / "crl", crl))[0] == 0


def test_revoked_is_refused_by_crl_and_ocsp(platform: Any, tmp_path: Path) -> None:
    found = make_certificate()
    issuing, root = found.chain
    leaf, above = write_pem(tmp_path / "leaf", found.der), write_pem(tmp_path / "iss", issuing)
    top = write_pem(tmp_path / "root", root)

    def by_crl() -> tuple[int, str]:
        der = write(tmp_path / "crl", holders.crl_for(found.id))
        assert openssl("crl", "-inform", "DER", "-in", der, "-out", tmp_path / "crl.pem")[0] == 0
        code, text = openssl("crl", "-in", tmp_path / "crl.pem", "-noout", "-CAfile", above)
        assert (code, "verify OK" in text) == (0, True)
        return openssl("verify", "-crl_check", "-CRLfile", tmp_path / "crl.pem", "-CAfile", top,
                       "-untrusted", above, leaf)  # fmt: skip

    def by_ocsp() -> str:
        request = tmp_path / "request"
        openssl("ocsp", "-issuer", above, "-cert", leaf, "-reqout", request)
        answer = write(tmp_path / "answer", published.answer_ocsp(request.read_bytes()))
        judge = [
            "ocsp",
            "-CAfile",
            top,
            "-verify_other",
            above,
            "-reqin",
            request,
            "-resp_text",
            "-respin",
        ]
        code, text = openssl(*judge, answer)
        assert code == 0, text
        assert "Response verify OK" in text, text  # nonce and delegated responder included
        broken = write(
            tmp_path / "broken", changed(answer.read_bytes(), len(answer.read_bytes()) // 2)
        )
        _code, refused = openssl(*judge, broken)
        assert "Response verify OK" not in refused
        return text

    assert by_crl()[0] == 0
    assert "Cert Status: good" in by_ocsp()
    revoke.suspend(certificate_id=found.id, note="lost laptop")
    assert "revoked" in by_crl()[1]
    assert "certificateHold" in by_ocsp()
    with pytest.raises(CertificateNotUsable):
        holders.holder(found.id)
    revoke.resume(certificate_id=found.id)
    assert by_crl()[0] == 0
    assert "Cert Status: good" in by_ocsp()
    holders.holder(found.id)
    done = revoke.revoke(certificate_id=found.id, reason="key_compromise")
    assert done.state == CertificateState.REVOKED
    code, text = by_crl()
    assert code != 0
    assert "certificate revoked" in text
    assert "keyCompromise" in by_ocsp()
    assert revoke.revoke(certificate_id=found.id, reason="superseded").reason == "key_compromise"
    with pytest.raises(InvalidTransition):
        revoke.resume(certificate_id=found.id)
    numbers = list(RevocationList.objects.filter(authority_id=authority_id(found))
                   .order_by("number").values_list("number", "entries"))  # fmt: skip
    assert numbers == [(1, 0), (2, 1), (3, 0), (4, 1)]
    names = OutboxEvent.objects.filter(aggregate_id=found.id).order_by("version")
    assert [n.split(".")[2] for n in names.values_list("type", flat=True)] == [
        "issued", "suspended", "resumed", "revoked"]  # fmt: skip


def test_responder_answers_only_for_its_own(platform: Any) -> None:
    found = make_certificate()
    with tenancy.scope(make_platform()):
        foreign = make_certificate()
    question = statuses.question_for(found.der, found.chain[0], nonce=b"12345678")
    unknown = statuses.Asked(**{**vars(question.asked[0]), "serial": 99})
    unknown.certid["serial_number"] = 99
    answer = published.answer(statuses.Question((unknown,), None))
    assert b"\x82\x00" in answer  # CertStatus unknown [2]
    assert published.answer(statuses.question_for(foreign.der, foreign.chain[0])) == (
        statuses.refusal("unauthorized")
    )
    assert published.answer_ocsp(b"junk") == statuses.refusal("malformed_request")
    root = published.answer(statuses.question_for(found.chain[0], found.chain[1]))
    assert root[:2] != statuses.refusal("unauthorized")[:2]


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_timestamps_stand_before_openssl(platform: Any, tmp_path: Path, algorithm: str) -> None:
    data = write(tmp_path / "data", b"head of the chain")
    query = tmp_path / "query"
    assert openssl("ts", "-query", "-data", data, f"-{algorithm}", "-cert", "-out", query)[0] == 0
    answer = stamp.answer(query.read_bytes())
    reply = write(tmp_path / "reply", answer)
    root = write_pem(tmp_path / "root", holders.timestamp_service().chain[-1])
    judge = ["ts", "-verify", "-CAfile", root, "-in"]
    assert openssl(*judge, reply, "-queryfile", query)[0] == 0  # with its nonce
    assert openssl(*judge, reply, "-data", data)[0] == 0
    assert openssl(*judge, reply, "-data", write(tmp_path / "other", b"another"))[0] != 0
    assert openssl(*judge, write(tmp_path / "bad", changed(answer)), "-data", data)[0] != 0
    with tenancy.scope(make_platform()):
        make_certificate()
        stranger = write_pem(tmp_path / "other-root", holders.timestamp_service().chain[-1])
    assert openssl("ts", "-verify", "-CAfile", stranger, "-in", reply, "-data", data)[0] != 0
    kept = Timestamp.objects.get()
    info = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]["encap_content_info"]
    assert info["content"].parsed["serial_number"].native == kept.id.int
    assert info["content"].parsed["gen_time"].native == kept.at


def test_timestamp_follows_the_platforms_clock() -> None:
    with tenancy.scope(make_platform(clock_offset=timedelta(days=400))):
        made = stamp.timestamp(hashlib.sha256(b"x").digest(), purpose="test")
        assert made.at - clock.system() > timedelta(days=399)


def test_timestamp_refusals_are_answers(platform: Any, tmp_path: Path) -> None:
    data = write(tmp_path / "data", b"x")
    for flags, words in ((["-sha1"], "unrecognized or unsupported algorithm"),
                         (["-sha256", "-tspolicy", "1.2.3.4"], "policy")):  # fmt: skip
        openssl("ts", "-query", "-data", data, *flags, "-out", tmp_path / "q")
        reply = write(tmp_path / "r", stamp.answer((tmp_path / "q").read_bytes()))
        text = openssl("ts", "-reply", "-in", reply, "-text")[1]
        assert "Rejected" in text
        assert words in text
    text = openssl("ts", "-reply", "-in", write(tmp_path / "r", stamp.answer(b"?")), "-text")[1]
    assert "bad" in text.lower() or "format" in text
    with pytest.raises(ValueError, match="refused"):
        timestamps.token_of(stamp.answer(b"?"))
    with pytest.raises(Invalid):
        stamp.timestamp(b"short")
    assert not Timestamp.objects.exists()


def request_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    builder = cx509.CertificateSigningRequestBuilder().subject_name(cx509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_request_of_the_holder_proves_possession(platform: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    csr = request_of(key)
    found = make_certificate(csr=csr, algorithm=None)
    assert found.key_id is None
    assert cx509.load_der_x509_certificate(found.der).public_key() == key.public_key()
    with pytest.raises(KeyNotHeld):
        holders.holder(found.id)
    der = certificate_pem.unarmor(csr)[2]
    for bad in (b"", b"junk", changed(der), request_of(ec.generate_private_key(ec.SECP384R1()))):
        with pytest.raises(InvalidRequestFile):
            make_certificate(csr=bad, algorithm=None)
    with pytest.raises(InvalidRequestFile):
        make_certificate(csr=csr, algorithm=Algorithm.SM2)


def test_enrolment_is_repeatable_and_says_what_is_wrong(platform: Any) -> None:
    key, merchant = uuid4(), uuid4()
    first = make_certificate(key=key, merchant_id=merchant)
    assert make_certificate(key=key, merchant_id=merchant) == first
    with pytest.raises(CertificateKeyReused):
        make_certificate(key=key, merchant_id=uuid4())
    with pytest.raises(UnknownProfile):
        make_certificate(profile="nothing")
    with pytest.raises(AlgorithmNotOffered):
        make_certificate(profile="encryption")
    for subject in ({}, {"common_name": "x" * 65, "organization_name": "y"}, {"nick": "x"},
                    {**COMPANY, "common_name": "a\x00b"}):  # fmt: skip
        with pytest.raises(InvalidSubject) as caught:
            make_certificate(subject=subject)
        assert caught.value.problems


def test_renewal_has_a_new_key_and_the_same_subject(platform: Any) -> None:
    old = make_certificate()
    new = renew(certificate_id=old.id, key=uuid4())
    assert (new.subject, new.renews_id) == (old.subject, old.id)
    assert certificates.spki_of(new.der) != certificates.spki_of(old.der)
    assert new.serial != old.serial
    revoke.revoke(certificate_id=old.id, reason="superseded")
    with pytest.raises(CertificateNotUsable):
        renew(certificate_id=old.id, key=uuid4())
    with pytest.raises(Invalid):
        revoke.revoke(certificate_id=new.id, reason="because")


def test_rows_hold_no_key_and_no_name_in_clear(platform: Any) -> None:
    found = make_certificate(subject={**COMPANY, "common_name": "Zhao Plantedname"})
    row = Certificate.objects.get(id=found.id)
    stored = b"".join(bytes(v or b"") for v in
                      (row.certificate_sealed, row.subject_sealed, row.chain_sealed))  # fmt: skip
    assert b"Plantedname" not in stored
    assert found.key_id
    key = StoredKey.objects.get(id=found.key_id)
    with pytest.raises(ValueError, match=r"(?i)deserialize|parse|ASN"):
        load_der_private_key(bytes(key.handle_sealed), None)
    text = repr([(e.before, e.after) for e in entries_for([row.id]).items])
    assert "Plantedname" not in text


def test_expired_is_not_usable_and_chains_are_followed_by_new_ones() -> None:
    tenant = make_platform()
    with tenancy.scope(tenant):
        old = make_certificate()
    with clock.offset(timedelta(0)), tenancy.scope(tenant):
        with clock.offset(timedelta(days=731)):
            again = certificate(certificate_id=old.id)
            assert (again.expired, again.usable, again.state) == (True, False, "valid")
            with pytest.raises(CertificateNotUsable):
                holders.holder(old.id)
            assert [c.id for c in certificates_page(state="expired").items] == [old.id]
            stamp.timestamp(bytes(32))
        with clock.offset(timedelta(days=12 * 365)):
            new = make_certificate()
            assert new.chain[0] != old.chain[0]
            assert new.chain[1] == old.chain[1]
            assert certificates.signed_by(new.der, certificates.spki_of(new.chain[0]))
            response = holders.ocsp_for(old.id)  # the old authority still answers for its own
            assert response[:4] != statuses.refusal("unauthorized")[:4]
