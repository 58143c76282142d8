"""The platform's account with a provider of identity checks."""

from django.conf import settings

from certification.errors.identity import ProviderNotConfigured
from certification.gateways.http_identity import HttpIdentityChecker
from certification.gateways.identity import IdentityChecker
from certification.models import IdentityProvider
from kernel import audit, tenancy
from kernel.personal import open_, seal
from kernel.transactions import atomic

DEFAULT = "sandbox"


def configure_identity_provider(
    *, key: str, provider: str = DEFAULT, callback_secret: str = "", base_url: str = ""
) -> None:
    """Set the provider's address, key and the secret of its callbacks; sealed at rest."""
    subject = tenancy.current_id()
    with atomic():
        rows = IdentityProvider.objects.select_for_update().filter(provider=provider)
        row = rows.first() or IdentityProvider(provider=provider)
        row.base_url = base_url or settings.IDENTITY_URL
        row.sealed_key = seal(subject, key)
        row.sealed_secret = seal(subject, callback_secret) if callback_secret else ""
        row.save()
        audit.record(
            action="certification.identity_provider.configured",
            target=row,
            after={"provider": provider, "base_url": row.base_url},
        )


def checker(provider: str = DEFAULT) -> IdentityChecker:
    """The provider's adapter. Raises ProviderNotConfigured."""
    row = _account(provider)
    return HttpIdentityChecker(
        base_url=row.base_url, key=open_(row.platform_id, row.sealed_key) or ""
    )


def callback_secret(provider: str) -> str:
    """The secret with which the provider signs. Raises ProviderNotConfigured."""
    row = _account(provider)
    return open_(row.platform_id, row.sealed_secret) or "" if row.sealed_secret else ""


def configured(provider: str = DEFAULT) -> bool:
    """Whether the platform can ask."""
    return IdentityProvider.objects.filter(provider=provider).exists()


def _account(provider: str) -> IdentityProvider:
    row = IdentityProvider.objects.filter(provider=provider).first()
    if row is None:
        raise ProviderNotConfigured
    return row
