"""Keys in a token (SoftHSM 2, Debian's softhsm2) by PKCS#11: chain, signature, what is refused."""

import glob
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from certification import keystore
from certification.contracts.authority import Algorithm
from certification.keystore import KeyStoreProblem
from certification.keystore.pkcs11 import Pkcs11KeyStore
from certification.models import Certificate, StoredKey
from certification.services import revoke
from certification.services.enrol import enrol
from kernel.ids import uuid7
from kernel.tenancy import Tenant
from tests.certification.test_sign_document import contract, order
from tests.factories.platforms import make_merchant

__all__ = ["contract"]
pytestmark = [pytest.mark.stack, pytest.mark.slow]
PIN = "1234"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A fresh token "quancheng"; the module that reaches it."""
    if shutil.which("softhsm2-util") is None or importlib.util.find_spec("pkcs11") is None:
        pytest.fail("softhsm2 or python-pkcs11 is missing; .ci/run installs both")
    folder = tmp_path_factory.mktemp("token")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", "quancheng", "--pin", PIN,
             "--so-pin", "5678"], check=True, capture_output=True,
        )  # fmt: skip
        (module,) = glob.glob("/usr/lib/softhsm/libsofthsm2.so")
        yield module


@pytest.fixture
def hsm(settings: Any, token: str) -> Iterator[Pkcs11KeyStore]:
    """The deployment keeps its keys in the token."""
    settings.KEY_STORE, settings.PKCS11_MODULE = "pkcs11", token
    settings.PKCS11_TOKEN, settings.PKCS11_PIN = "quancheng", PIN
    keystore.store.cache_clear()
    found = keystore.store("pkcs11")
    assert isinstance(found, Pkcs11KeyStore)
    yield found
    keystore.store.cache_clear()


def test_made_used_destroyed(hsm: Pkcs11KeyStore) -> None:
    key = hsm.generate(id=uuid4(), platform_id=uuid4(), algorithm=Algorithm.P256)
    public = load_der_public_key(key.spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    for message in (b"one", b"two"):
        public.verify(hsm.signer(key).sign(message), message, ec.ECDSA(hashes.SHA256()))
    hsm.destroy(key)
    hsm.destroy(key)
    with pytest.raises(KeyStoreProblem, match="NoSuchKey"):
        hsm.signer(key)


def test_a_chain_and_a_contract_signed_by_it(
    hsm: Pkcs11KeyStore, platform: Tenant, contract: bytes, tmp_path: Path
) -> None:
    """Root, issuing authority, OCSP, timestamps and holder: every P-256 key is in the token."""
    from certification.services.sign_document import sign_document

    info = enrol(
        key=uuid4(), profile="organization", algorithm=Algorithm.P256,
        merchant_id=make_merchant().id, subject={"common_name": "HSM", "organization_name": "HSM"},
    )  # fmt: skip
    signed = sign_document(
        order(contract, document_id=uuid7(), certificate_id=info.id, key=uuid7())
    )
    kept = StoredKey.objects.filter(algorithm="p256")
    assert {row.store for row in kept} == {"pkcs11"}
    assert kept.count() >= 4
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed.document)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True)
    assert "Signature is Valid" in said.stdout
    chain = [pem.armor("CERTIFICATE", der) for der in (info.der, *info.chain)]
    (tmp_path / "leaf.pem").write_bytes(chain[0])
    (tmp_path / "issuing.pem").write_bytes(b"".join(chain[1:-1]))
    (tmp_path / "root.pem").write_bytes(chain[-1])
    subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "issuing.pem",
         "leaf.pem"], cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    revoke.revoke(certificate_id=info.id, reason="superseded")
    assert Certificate.objects.get(id=info.id).state == "revoked"


def test_sm2_is_said_to_be_elsewhere(hsm: Pkcs11KeyStore, platform: Tenant, settings: Any) -> None:
    """SM2 stays in the software store beside; told to use the token, it says what to set."""
    names = {"common_name": "HSM", "organization_name": "HSM"}
    made = enrol(
        key=uuid4(), profile="organization", algorithm=Algorithm.SM2,
        merchant_id=make_merchant().id, subject=names,
    )  # fmt: skip
    assert made.key_id
    assert StoredKey.objects.get(id=made.key_id).store == "software"
    settings.KEY_STORE_SM2 = "pkcs11"
    with pytest.raises(KeyStoreProblem, match="KEY_STORE_SM2"):
        keystore.store_for(Algorithm.SM2).generate(
            id=uuid4(), platform_id=uuid4(), algorithm=Algorithm.SM2
        )


def test_after_a_refusal_it_goes_on(hsm: Pkcs11KeyStore) -> None:
    """A session that was refused something is opened anew, though the process is logged in."""
    key = hsm.generate(id=uuid4(), platform_id=uuid4(), algorithm=Algorithm.P256)
    gone = hsm.generate(id=uuid4(), platform_id=uuid4(), algorithm=Algorithm.P256)
    hsm.destroy(gone)
    with pytest.raises(KeyStoreProblem):
        hsm.signer(gone)
    assert hsm.signer(key).sign(b"again")
    assert Pkcs11KeyStore().signer(key).sign(b"another session")


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("PKCS11_MODULE", "", "PKCS11_MODULE"),
        ("PKCS11_MODULE", "/nowhere/libhsm.so", "/nowhere/libhsm.so"),
        ("PKCS11_TOKEN", "another", "another"),
        ("PKCS11_PIN", "0000", "PIN"),
    ],
)
def test_what_is_wrong_is_named(
    hsm: Pkcs11KeyStore, settings: Any, setting: str, value: str, says: str
) -> None:
    if setting == "PKCS11_PIN":
        _log_out(settings)
    setattr(settings, setting, value)
    with pytest.raises(KeyStoreProblem, match=says):
        Pkcs11KeyStore().generate(id=uuid4(), platform_id=uuid4(), algorithm=Algorithm.P256)


def _log_out(settings: Any) -> None:
    """The PIN counts at a process's first session: close those that are open."""
    import pkcs11

    pkcs11.lib(settings.PKCS11_MODULE).reinitialize()
