"""The key store (密钥库) this deployment uses: ``KEY_STORE``, and ``KEY_STORE_SM2`` for SM2."""

import functools

from django.conf import settings

from certification.keystore.base import KeyRef, KeyStore, KeyStoreProblem
from certification.pki.algorithms import Algorithm

__all__ = ["KeyRef", "KeyStore", "KeyStoreProblem", "store", "store_for"]


def store_for(algorithm: Algorithm) -> KeyStore:
    """Where new keys of this kind are made. Raises KeyStoreProblem."""
    name = "KEY_STORE_SM2" if algorithm is Algorithm.SM2 else "KEY_STORE"
    return store(getattr(settings, name, "software"))


@functools.cache
def store(name: str) -> KeyStore:
    """A store by the name that stands beside its keys. Raises KeyStoreProblem."""
    if name == "software":
        from certification.keystore.software import SoftwareKeyStore

        return SoftwareKeyStore()
    if name == "pkcs11":
        from certification.keystore.pkcs11 import Pkcs11KeyStore

        return Pkcs11KeyStore()
    raise KeyStoreProblem(f"There is no key store {name!r}; KEY_STORE is software or pkcs11.")
