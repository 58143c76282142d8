"""SM3 digests and SM4-GCM, by ``cryptography``."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_NONCE, _TAG = 12, 16


def sm3(*parts: bytes) -> bytes:
    """The SM3 digest (GB/T 32905) of the parts one after another; 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def sm3_hmac(key: bytes, message: bytes) -> bytes:
    """HMAC with SM3; 32 bytes."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


def sm4_encrypt(key: bytes, plain: bytes, *, bound: bytes = b"") -> bytes:
    """SM4-GCM (GB/T 32907) under a 16-byte key: nonce, ciphertext, tag. ``bound`` is what the
    ciphertext belongs to, authenticated and not kept."""
    nonce = os.urandom(_NONCE)
    work = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bound)
    return nonce + work.update(plain) + work.finalize() + work.tag


def sm4_decrypt(key: bytes, sealed: bytes, *, bound: bytes = b"") -> bytes:
    """The plain text. Raises ValueError when key, ciphertext or ``bound`` aren't the right ones."""
    if len(sealed) < _NONCE + _TAG:
        raise ValueError("This is shorter than an SM4-GCM ciphertext can be.")
    mode = modes.GCM(sealed[:_NONCE], sealed[-_TAG:])
    work = Cipher(algorithms.SM4(key), mode).decryptor()
    work.authenticate_additional_data(bound)
    try:
        return work.update(sealed[_NONCE:-_TAG]) + work.finalize()
    except InvalidTag as error:
        raise ValueError("The SM4-GCM tag doesn't fit.") from error
