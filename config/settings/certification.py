"""Where private keys of certificates are kept (docs/certification.md)."""

from config import env

KEY_STORE = env.text("KEY_STORE") or "software"
KEY_STORE_SM2 = env.text("KEY_STORE_SM2") or "software"
PKCS11_MODULE = env.text("PKCS11_MODULE")
PKCS11_TOKEN = env.text("PKCS11_TOKEN")
PKCS11_PIN = env.text("PKCS11_PIN")
