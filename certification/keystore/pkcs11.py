"""Private keys in an HSM (加密机) through PKCS#11; needs the package ``python-pkcs11``.

Settings: ``PKCS11_MODULE`` (the vendor's library), ``PKCS11_TOKEN`` (label), ``PKCS11_PIN``. P-256
by CKM_ECDSA. PKCS#11 has no standard mechanism for SM2, so SM2 keys stay in the store named in
``KEY_STORE_SM2``.
"""

import hashlib
import threading
from contextlib import suppress
from typing import Any
from uuid import UUID

from asn1crypto import core, keys
from django.conf import settings

from certification.keystore import wrapping
from certification.keystore.base import KeyRef, KeyStoreProblem
from certification.pki.algorithms import Algorithm, Signer

_P256 = bytes.fromhex("06082a8648ce3d030107")
_lock = threading.Lock()  # a PKCS#11 session serves one thread at a time


class _Numbers(core.Sequence):  # type: ignore[misc]
    _fields = [("r", core.Integer), ("s", core.Integer)]


class Pkcs11KeyStore:
    """Keys made inside the token, not extractable; the handle is the key's CKA_ID, wrapped."""

    name = "pkcs11"

    def __init__(self, library: Any = None) -> None:
        self._library = library or _library()
        self._session: Any = None

    def generate(self, *, id: UUID, platform_id: UUID, algorithm: Algorithm) -> KeyRef:
        if algorithm is not Algorithm.P256:
            raise KeyStoreProblem("This HSM port makes P-256 keys; see KEY_STORE_SM2 for SM2.")
        p11 = self._library
        with _lock:
            try:
                domain = self._open().create_domain_parameters(
                    p11.KeyType.EC, {p11.Attribute.EC_PARAMS: _P256}, local=True
                )
                public, _private = domain.generate_keypair(
                    id=id.bytes, label=str(id), store=True,
                    mechanism=p11.Mechanism.EC_KEY_PAIR_GEN,
                    private_template={
                        p11.Attribute.EXTRACTABLE: False, p11.Attribute.SENSITIVE: True,
                        p11.Attribute.SIGN: True, p11.Attribute.TOKEN: True,
                    },
                )  # fmt: skip
                point = bytes(public[p11.Attribute.EC_POINT])
            except p11.PKCS11Error as error:
                raise self._problem(error) from error
        wrapped_by, handle = wrapping.wrap(id.bytes, bound=wrapping.bound_to(platform_id, id))
        return KeyRef(id, platform_id, algorithm, _spki(point), handle, wrapped_by)

    def signer(self, key: KeyRef) -> Signer:
        p11 = self._library
        with _lock:
            try:
                found = self._open().get_key(
                    object_class=p11.ObjectClass.PRIVATE_KEY, id=_name(key)
                )
            except p11.PKCS11Error as error:
                raise self._problem(error) from error

        def sign(message: bytes) -> bytes:
            digest = hashlib.sha256(message).digest()
            with _lock:
                try:
                    raw = bytes(found.sign(digest, mechanism=p11.Mechanism.ECDSA))
                except p11.PKCS11Error as error:
                    raise self._problem(error) from error
            half = len(raw) // 2
            r, s = int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
            return bytes(_Numbers({"r": r, "s": s}).dump())

        return Signer(key.algorithm, key.spki, sign)

    def destroy(self, key: KeyRef) -> None:
        p11 = self._library
        with _lock:
            try:
                for kind in (p11.ObjectClass.PRIVATE_KEY, p11.ObjectClass.PUBLIC_KEY):
                    self._open().get_key(object_class=kind, id=_name(key)).destroy()
            except p11.NoSuchKey:
                return
            except p11.PKCS11Error as error:
                raise self._problem(error) from error

    def _open(self) -> Any:
        if self._session is None:
            module = getattr(settings, "PKCS11_MODULE", "")
            if not module:
                raise KeyStoreProblem("KEY_STORE=pkcs11 needs PKCS11_MODULE: the HSM's library.")
            self._session = self._log_in(module)
        return self._session

    def _log_in(self, module: str) -> Any:
        p11, name = self._library, settings.PKCS11_TOKEN
        try:
            token = p11.lib(module).get_token(token_label=name)
        except p11.NoSuchToken as error:
            raise KeyStoreProblem(f"PKCS11_TOKEN: {module} has no token {name!r}.") from error
        except (p11.PKCS11Error, RuntimeError, OSError) as error:
            raise KeyStoreProblem(f"PKCS11_MODULE: {module} can't be loaded: {error}") from error
        try:
            return token.open(rw=True, user_pin=settings.PKCS11_PIN)
        except p11.UserAlreadyLoggedIn:
            return token.open(rw=True)  # a process logs in once, for all of its sessions
        except (p11.PinIncorrect, p11.PinInvalid, p11.PinLenRange) as error:
            raise KeyStoreProblem(f"PKCS11_PIN isn't that of the token {name!r}.") from error
        except p11.PinLocked as error:
            raise KeyStoreProblem(
                f"The PIN of the token {name!r} is locked after wrong attempts; its security "
                "officer sets a new one."
            ) from error

    def _problem(self, error: Exception) -> KeyStoreProblem:
        """The refusal in words; the session is opened anew at the next call."""
        stale, self._session = self._session, None
        if stale is not None:
            with suppress(self._library.PKCS11Error):
                stale.close()
        if isinstance(error, self._library.NoSuchKey):
            return KeyStoreProblem(
                f"The token {settings.PKCS11_TOKEN!r} doesn't hold this key any more (NoSuchKey)."
            )
        return KeyStoreProblem(f"The HSM refused: {type(error).__name__} {error}".strip())


def _name(key: KeyRef) -> bytes:
    """The key's CKA_ID."""
    name = wrapping.unwrap(key.handle, bound=wrapping.bound_to(key.platform_id, key.id))
    if name is None:
        raise KeyStoreProblem(f"The name of the key {key.id} can't be opened: another master key.")
    return name


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise KeyStoreProblem(
            "KEY_STORE=pkcs11 needs the package python-pkcs11; install "
            "requirements/hsm.txt, or leave KEY_STORE=software."
        ) from error
    return pkcs11


def _spki(point: bytes) -> bytes:
    """SubjectPublicKeyInfo from CKA_EC_POINT, which is an OCTET STRING around the point."""
    raw = bytes(core.OctetString.load(point).native) if point[:1] == b"\x04" else point
    if len(raw) != 65:
        raw = point
    info = keys.PublicKeyInfo(
        {
            "algorithm": {"algorithm": "ec", "parameters": keys.ECDomainParameters(
                name="named", value="secp256r1")},
            "public_key": keys.ECPointBitString(raw),
        }
    )  # fmt: skip
    return bytes(info.dump())
