"""SM2, SM3 and SM4 against the vectors of their standards and a second implementation."""

import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from certification import crypto
from certification.crypto import fallback, libcrypto, sm2
from certification.crypto.sm2 import Sm2KeyPair

# GM/T 0003.5-2012, annex A (the recommended curve): d, P, "message digest", the default id.
PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = bytes.fromhex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3")
S = bytes.fromhex("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
SIGNATURE = b"\x30\x46\x02\x21\x00" + R + b"\x02\x21\x00" + S
# GM/T 0003.5-2012, annex C: C1 (x, y), C2, C3 of "encryption standard" under the same key.
X1 = bytes.fromhex("04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73")
Y1 = bytes.fromhex("e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0")
C2 = bytes.fromhex("21886ca989ca9c7d58087307ca93092d651efa")
C3 = bytes.fromhex("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766")


def engines() -> list[Any]:
    return [made for made, _why in (libcrypto.find(), fallback.find()) if made is not None]


@pytest.fixture(scope="module", params=engines(), ids=lambda one: one.name)
def engine(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_both_engines_are_here() -> None:
    assert len(engines()) == 2


def test_signature_of_the_standard_verifies(engine: Any) -> None:
    def verify(message: bytes, signature: bytes, signer_id: bytes = sm2.DEFAULT_ID) -> bool:
        return bool(engine.verify(PUBLIC, message, signature, signer_id))

    assert verify(b"message digest", SIGNATURE)
    assert not verify(b"message digesT", SIGNATURE)
    assert not verify(b"message digest", SIGNATURE[:-1] + b"\xab")
    assert not verify(b"message digest", SIGNATURE, b"1234567812345679")
    for junk in (b"", b"\x30\x00", SIGNATURE[:-1], bytes(72)):
        assert not verify(b"message digest", junk)
    assert not engine.verify(bytes(64), b"message digest", SIGNATURE, sm2.DEFAULT_ID)


def test_cipher_of_the_standard_opens(engine: Any) -> None:
    def integer(value: bytes) -> bytes:
        body = (b"\x00" if value[0] & 0x80 else b"") + value.lstrip(b"\x00")
        return bytes([2, len(body)]) + body

    body = integer(X1) + integer(Y1) + b"\x04\x20" + C3 + bytes([4, len(C2)]) + C2
    cipher = bytes([0x30, 0x81, len(body)]) if len(body) > 127 else bytes([0x30, len(body)])
    cipher += body
    key = Sm2KeyPair(PRIVATE, PUBLIC)
    assert engine.decrypt(key, cipher) == b"encryption standard"
    for place in (10, 60, len(cipher) - 40, len(cipher) - 1):  # C1, C3 and C2 are all bound
        wrong = bytearray(cipher)
        wrong[place] ^= 1
        with pytest.raises(ValueError, match="SM2"):
            engine.decrypt(key, bytes(wrong))


@given(message=st.binary(max_size=300), signer=st.binary(min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_engines_understand_each_other(message: bytes, signer: bytes) -> None:
    one, two = engines_kept()
    for first, second in ((one, two), (two, one)):
        key = Sm2KeyPair(*first.generate())
        signature = second.sign(key, message, signer)
        assert first.verify(key.public, message, signature, signer)
        assert not first.verify(key.public, message + b"x", signature, signer)
        if message and len(message) <= 255:
            assert second.decrypt(key, first.encrypt(key.public, message)) == message
    assert Sm2KeyPair.from_pkcs8(key.pkcs8) == key
    assert sm2.raw_public(key.spki) == key.public


_kept: list[Any] = []


def engines_kept() -> list[Any]:
    if not _kept:
        _kept.extend(engines())
    return _kept


def test_a_private_key_is_never_shown() -> None:
    assert PRIVATE.hex() not in repr(Sm2KeyPair(PRIVATE, PUBLIC))


def test_sm3_of_the_standard() -> None:
    """GB/T 32905-2016, annex A."""
    assert crypto.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert crypto.sm3(b"abcd" * 8, b"abcd" * 8).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )
    assert crypto.sm3_hmac(b"k", b"m") != crypto.sm3_hmac(b"k", b"n")


def test_sm4_of_the_standard() -> None:
    """GB/T 32907-2016, annex A.1: one round; and our GCM refuses whatever was changed."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # the standard's own example
    assert block.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    sealed = crypto.sm4_encrypt(key, b"corn", bound=b"row 1")
    assert crypto.sm4_decrypt(key, sealed, bound=b"row 1") == b"corn"
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", sealed[:20]):
        with pytest.raises(ValueError, match="SM4-GCM"):
            crypto.sm4_decrypt(key, wrong, bound=b"row 1")
    with pytest.raises(ValueError, match="SM4-GCM"):
        crypto.sm4_decrypt(key, sealed, bound=b"row 2")


def test_missing_library_is_told_and_the_fallback_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    from certification.authority_ready import check_sm2

    assert check_sm2(None) == []
    monkeypatch.setenv("SM2_LIBCRYPTO", "/nowhere/libcrypto.so")
    found, why = libcrypto.find()
    assert found is None
    assert "/nowhere/libcrypto.so" in why
    sm2._search.cache_clear()
    sm2.engine.cache_clear()
    try:
        assert sm2.engine().name == "gmssl_pyx"
        told = check_sm2(None)[0]
        assert told.id == "certification.I001"
        assert "/nowhere/libcrypto.so" in told.msg
        sm2._search.cache_clear()
        sm2.engine.cache_clear()
        monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
        with pytest.raises(crypto.Sm2Unavailable, match=r"P-256 work.*SM2_LIBCRYPTO"):
            sm2.engine()
        assert check_sm2(None)[0].id == "certification.W001"
    finally:
        monkeypatch.undo()
        sm2._search.cache_clear()
        sm2.engine.cache_clear()
    assert crypto.problem() == ""


def test_a_library_that_crashes_doesnt_take_us_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(libcrypto, "_PROBE", "import os; os.abort()")
    assert libcrypto._probe("libcrypto.so.3") == "ended by signal 6"
    monkeypatch.setattr(libcrypto, "_PROBE", "import time; time.sleep(30)")
    monkeypatch.setattr(libcrypto, "_PROBE_SECONDS", 0.2)
    assert libcrypto._probe("libcrypto.so.3") == "TimeoutExpired"
