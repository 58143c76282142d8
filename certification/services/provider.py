"""The provider of certificates that this platform uses."""

from certification.gateways.base import CertificateProvider
from certification.gateways.own import OwnAuthority

_OWN = OwnAuthority()
_PROVIDERS: dict[str, CertificateProvider] = {_OWN.name: _OWN}


def provider(name: str = "own") -> CertificateProvider:
    """The provider by its name; the platform's own test authority unless told otherwise."""
    if name not in _PROVIDERS:
        raise RuntimeError(f"There is no provider of certificates named {name!r}.")
    return _PROVIDERS[name]


def register_provider(made: CertificateProvider) -> None:
    """Add a provider: a licensed authority's module calls it when its app is ready."""
    _PROVIDERS[made.name] = made
