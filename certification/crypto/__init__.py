"""National algorithms (国密): SM2 signatures and encryption, SM3 digests, SM4 ciphers.

Standards: GB/T 32918 and GM/T 0003 (SM2), GB/T 32905 (SM3), GB/T 32907 (SM4), GB/T 35276 (the DER
forms of SM2 signatures and ciphertexts).
"""

from certification.crypto.sm2 import (
    DEFAULT_ID,
    Sm2KeyPair,
    Sm2Unavailable,
    engine,
    problem,
    sm2_decrypt,
    sm2_encrypt,
    sm2_generate,
    sm2_sign,
    sm2_verify,
    substitute,
)
from certification.crypto.sm34 import sm3, sm3_hmac, sm4_decrypt, sm4_encrypt

__all__ = [
    "DEFAULT_ID",
    "Sm2KeyPair",
    "Sm2Unavailable",
    "engine",
    "problem",
    "sm2_decrypt",
    "sm2_encrypt",
    "sm2_generate",
    "sm2_sign",
    "sm2_verify",
    "sm3",
    "sm3_hmac",
    "sm4_decrypt",
    "sm4_encrypt",
    "substitute",
]
