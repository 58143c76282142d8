"""SM2 by the system's libcrypto (OpenSSL 3 or newer) through ``ctypes``."""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certification.crypto.sm2 import Sm2KeyPair

_PLACES = (
    "libcrypto.so.3",
    "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
    "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
    "/opt/local/lib/libcrypto.3.dylib",
)
_PROBE_SECONDS = 20
# Run apart: a crash or abort there is an answer, not the end of this process. It signs and
# verifies, because a library may carry the names and lack the algorithm (built with no-sm2).
_PROBE = """
import os, sys
sys.path[:] = sys.argv[2].split(os.pathsep)
from certification.crypto.libcrypto import LibcryptoEngine
from certification.crypto.sm2 import Sm2KeyPair
engine = LibcryptoEngine(sys.argv[1])
key = Sm2KeyPair(*engine.generate())
signature = engine.sign(key, b"probe", b"1234567812345678")
assert engine.verify(key.public, b"probe", signature, b"1234567812345678")
assert not engine.verify(key.public, b"changed", signature, b"1234567812345678")
assert engine.decrypt(key, engine.encrypt(key.public, b"probe")) == b"probe"
print("works")
"""
_SPKI_LENGTH, _RAW = 91, 64
_P, _I, _Z, _S = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p
_PP, _PZ = ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_size_t)
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "EVP_PKEY_CTX_new_from_name": (_P, [_P, _S, _S]),
    "EVP_PKEY_CTX_new": (_P, [_P, _P]),
    "EVP_PKEY_CTX_free": (None, [_P]),
    "EVP_PKEY_CTX_set1_id": (_I, [_P, _S, _I]),
    "EVP_PKEY_keygen_init": (_I, [_P]),
    "EVP_PKEY_generate": (_I, [_P, _PP]),
    "EVP_PKEY_free": (None, [_P]),
    "EVP_PKEY_encrypt_init": (_I, [_P]),
    "EVP_PKEY_encrypt": (_I, [_P, _S, _PZ, _S, _Z]),
    "EVP_PKEY_decrypt_init": (_I, [_P]),
    "EVP_PKEY_decrypt": (_I, [_P, _S, _PZ, _S, _Z]),
    "EVP_PKEY_get_bn_param": (_I, [_P, _S, _PP]),
    "EVP_MD_CTX_new": (_P, []),
    "EVP_MD_CTX_free": (None, [_P]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [_P, _P]),
    "EVP_DigestSignInit": (_I, [_P, _P, _P, _P, _P]),
    "EVP_DigestSign": (_I, [_P, _S, _PZ, _S, _Z]),
    "EVP_DigestVerifyInit": (_I, [_P, _P, _P, _P, _P]),
    "EVP_DigestVerify": (_I, [_P, _S, _Z, _S, _Z]),
    "EVP_sm3": (_P, []),
    "BN_bn2binpad": (_I, [_P, _S, _I]),
    "BN_clear_free": (None, [_P]),
    "i2d_PUBKEY": (_I, [_P, _PP]),
    "d2i_PUBKEY": (_P, [_P, _PP, ctypes.c_long]),
    "d2i_AutoPrivateKey": (_P, [_P, _PP, ctypes.c_long]),
    "ERR_clear_error": (None, []),
    "ERR_get_error": (ctypes.c_ulong, []),
    "ERR_error_string_n": (None, [ctypes.c_ulong, _S, _Z]),
}


def find() -> tuple[LibcryptoEngine | None, str]:
    """The first library that passes the probe; else None and why."""
    tried: list[str] = []
    for name in dict.fromkeys(_candidates()):
        reason = _probe(name)
        if not reason:
            return LibcryptoEngine(name), ""
        tried.append(f"{name} ({reason})")
    return None, "no libcrypto with SM2 was found: " + (", ".join(tried) or "none on this system")


def _candidates() -> Iterator[str]:
    named = os.environ.get("SM2_LIBCRYPTO", "")
    if named:
        yield named
        return
    for place in _PLACES:
        if "/" not in place or os.path.exists(place):
            yield place
    for ending in ("libcrypto.so.3", "libcrypto.3.dylib"):
        beside = os.path.join(sys.base_prefix, "lib", ending)
        if os.path.exists(beside):
            yield beside
    general = find_library("crypto")
    if general:
        yield general


def _probe(name: str) -> str:
    """Empty when ``name`` works, else the reason."""
    places = os.pathsep.join(os.path.abspath(p) for p in sys.path)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROBE, name, places],
            capture_output=True, timeout=_PROBE_SECONDS, text=True, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return type(error).__name__
    if done.returncode == 0 and done.stdout.strip() == "works":
        return ""
    if done.returncode < 0:
        return f"ended by signal {-done.returncode}"
    return (done.stderr.strip().splitlines() or ["no answer"])[-1][:200]


class LibcryptoEngine:
    """SM2 by one library. Objects of the library are made for each call and freed after it; keys
    are kept parsed, a bounded number of them."""

    def __init__(self, library: str) -> None:
        self.name = library
        self._lib = ctypes.CDLL(library)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, arguments
        self._sm3 = self._lib.EVP_sm3()
        self._private = functools.lru_cache(maxsize=256)(self._load_private)
        self._public = functools.lru_cache(maxsize=1024)(self._load_public)

    def generate(self) -> tuple[bytes, bytes]:
        lib, made = self._lib, ctypes.c_void_p()
        context = self._need(lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None))
        try:
            self._need(lib.EVP_PKEY_keygen_init(context) == 1)
            self._need(lib.EVP_PKEY_generate(context, ctypes.byref(made)) == 1)
        finally:
            lib.EVP_PKEY_CTX_free(context)
        number = ctypes.c_void_p()
        try:
            self._need(lib.EVP_PKEY_get_bn_param(made, b"priv", ctypes.byref(number)) == 1)
            private = ctypes.create_string_buffer(32)
            self._need(lib.BN_bn2binpad(number, private, 32) == 32)
            return private.raw, self._spki(made)[-_RAW:]
        finally:
            lib.BN_clear_free(number)
            lib.EVP_PKEY_free(made)

    def sign(self, key: Sm2KeyPair, message: bytes, signer_id: bytes) -> bytes:
        lib, pkey = self._lib, self._private(key.pkcs8)
        digest, context = self._digest(pkey.handle, signer_id)
        try:
            self._need(lib.EVP_DigestSignInit(digest, None, self._sm3, None, pkey.handle) == 1)
            length, out = ctypes.c_size_t(128), ctypes.create_string_buffer(128)
            done = lib.EVP_DigestSign(digest, out, ctypes.byref(length), message, len(message))
            self._need(done == 1)
            return out.raw[: length.value]
        finally:
            lib.EVP_MD_CTX_free(digest)
            lib.EVP_PKEY_CTX_free(context)

    def verify(self, public: bytes, message: bytes, signature: bytes, signer_id: bytes) -> bool:
        from certification.crypto.sm2 import spki

        lib = self._lib
        try:
            pkey = self._public(spki(public))
        except ValueError:
            return False
        digest, context = self._digest(pkey.handle, signer_id)
        try:
            self._need(lib.EVP_DigestVerifyInit(digest, None, self._sm3, None, pkey.handle) == 1)
            found = lib.EVP_DigestVerify(digest, signature, len(signature), message, len(message))
            lib.ERR_clear_error()
            return bool(found == 1)
        finally:
            lib.EVP_MD_CTX_free(digest)
            lib.EVP_PKEY_CTX_free(context)

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        from certification.crypto.sm2 import spki

        return self._cipher("encrypt", self._public(spki(public)), plain)

    def decrypt(self, key: Sm2KeyPair, cipher: bytes) -> bytes:
        return self._cipher("decrypt", self._private(key.pkcs8), cipher)

    def _cipher(self, what: str, pkey: _Key, data: bytes) -> bytes:
        lib = self._lib
        context = self._need(lib.EVP_PKEY_CTX_new(pkey.handle, None))
        try:
            self._need(getattr(lib, f"EVP_PKEY_{what}_init")(context) == 1)
            size = len(data) + 256
            length, out = ctypes.c_size_t(size), ctypes.create_string_buffer(size)
            call = getattr(lib, f"EVP_PKEY_{what}")
            if call(context, out, ctypes.byref(length), data, len(data)) != 1:
                raise ValueError(f"SM2 can't {what} this: {self._reason()}")
            return out.raw[: length.value]
        finally:
            lib.EVP_PKEY_CTX_free(context)

    def _digest(self, pkey: Any, signer_id: bytes) -> tuple[Any, Any]:
        """A digest context with the signer's id set; the caller frees both."""
        lib = self._lib
        context = self._need(lib.EVP_PKEY_CTX_new(pkey, None))
        digest = self._need(lib.EVP_MD_CTX_new())
        self._need(lib.EVP_PKEY_CTX_set1_id(context, signer_id, len(signer_id)) == 1)
        lib.EVP_MD_CTX_set_pkey_ctx(digest, context)
        return digest, context

    def _load_private(self, pkcs8: bytes) -> _Key:
        return self._load(self._lib.d2i_AutoPrivateKey, pkcs8)

    def _load_public(self, spki: bytes) -> _Key:
        return self._load(self._lib.d2i_PUBKEY, spki)

    def _load(self, function: Any, der: bytes) -> _Key:
        kept = ctypes.create_string_buffer(der, len(der))
        place = ctypes.c_void_p(ctypes.addressof(kept))
        found = function(None, ctypes.byref(place), len(der))
        if not found:
            raise ValueError(f"This isn't an SM2 key: {self._reason()}")
        return _Key(self._lib, found)

    def _spki(self, pkey: Any) -> bytes:
        out = ctypes.create_string_buffer(_SPKI_LENGTH + 32)
        place = ctypes.c_void_p(ctypes.addressof(out))
        length = self._lib.i2d_PUBKEY(pkey, ctypes.byref(place))
        self._need(length == _SPKI_LENGTH)
        return out.raw[:length]

    def _need(self, result: Any) -> Any:
        if not result:
            raise RuntimeError(f"{self.name}: {self._reason()}")
        return result

    def _reason(self) -> str:
        text = ctypes.create_string_buffer(256)
        self._lib.ERR_error_string_n(self._lib.ERR_get_error(), text, len(text))
        self._lib.ERR_clear_error()
        return text.value.decode(errors="replace")


class _Key:
    """A parsed key of the library, freed with the last reference to it."""

    def __init__(self, lib: Any, handle: int) -> None:
        self._free, self.handle = lib.EVP_PKEY_free, handle

    def __del__(self) -> None:
        self._free(self.handle)
