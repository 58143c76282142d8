"""A platform's accounts at Alipay, WeChat Pay, its bank, its issuer of e-fapiao."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, tenancy
from kernel.errors import NotFound
from kernel.questions import Question
from kernel.seal import unwrap, wrap
from kernel.statements import Columns
from kernel.transactions import atomic
from payments.contracts import ALIPAY, BANK_TRANSFER, WECHAT
from payments.contracts_fapiao import FAPIAO
from payments.errors import GatewayNotConfigured, ProviderSettings
from payments.gateways import keys
from payments.gateways.alipay import Alipay, AlipayKeys
from payments.gateways.bank_transfer import BankTransfers
from payments.gateways.base import Gateway
from payments.gateways.wechat import Wechat, WechatKeys
from payments.models import ProviderAccount
from payments.providers.fapiao import HttpIssuer

PURPOSE = "payments.provider"
_NAMES = Columns(ProviderAccount, "name")


@dataclass(frozen=True)
class Fields:
    """What an account consists of. ``optional`` may be empty; secrets left empty stay."""

    config: tuple[str, ...]
    secrets: tuple[str, ...]
    optional: frozenset[str] = frozenset()


FIELDS = {
    ALIPAY: Fields(
        ("app_id", "gateway", "notify_url", "seller_id", "alipay_public_key"),
        ("private_key",),
        frozenset({"seller_id"}),
    ),
    WECHAT: Fields(
        (
            "mchid", "appid", "serial_no", "base_url", "notify_url", "public_key_id",
            "public_key",
        ),
        ("private_key", "apiv3_key"),
        frozenset({"public_key_id", "public_key"}),
    ),
    FAPIAO: Fields(("base_url",), ("secret_key",)),
    BANK_TRANSFER: Fields(("base_url", "bank", "holder"), ("secret_key", "callback_secret")),
}  # fmt: skip


@dataclass(frozen=True)
class ProviderInfo:
    """One provider's account: never a secret, only which are there."""

    name: str
    configured: bool
    enabled: bool
    config: dict[str, str]
    secrets: tuple[str, ...]
    version: int


def configure_provider(
    *, name: str, config: Mapping[str, str], secrets: Mapping[str, str], enabled: bool = True
) -> ProviderInfo:
    """Set or change the platform's account at a provider. A secret left out stays as it was.

    Raises NotFound for an unknown provider, ProviderSettings naming the field.
    """
    fields = _fields(name)
    with atomic():
        row = ProviderAccount.objects.select_for_update().filter(name=name).first()
        row = row or ProviderAccount(name=name)
        kept = _open(row) if row.version else {}
        wanted = {key: str(config.get(key, "")).strip() for key in fields.config}
        sealed = {key: str(secrets.get(key) or kept.get(key, "")).strip() for key in fields.secrets}
        _check(name, fields, wanted, sealed)
        before = dict(row.config)
        if row.version and (wanted, sealed) != (before, kept):
            row.known = {}  # another account's certificates are of no use
        row.config, row.enabled = wanted, enabled
        row.secrets_sealed = wrap(
            orjson.dumps(sealed), purpose=PURPOSE, bound=tenancy.current_id().bytes
        )
        row.save()
        audit.record(
            action="payments.provider.configured",
            target=row,
            before=_short(before),
            after={**_short(wanted), "enabled": enabled},
        )
    return _info(name, row)


def provider(*, name: str) -> ProviderInfo:
    """How a provider's account stands. Raises NotFound for an unknown one."""
    _fields(name)
    return _info(name, ProviderAccount.objects.filter(name=name).first())


def providers() -> list[ProviderInfo]:
    """All providers, configured or not."""
    return [provider(name=name) for name in FIELDS]


def is_ready(name: str) -> bool:
    """Whether the platform takes payments through it."""
    return ProviderAccount.objects.filter(name=name, enabled=True).exists()


def ready_question() -> Question[set[str]]:
    """The providers through which the platform takes payments."""
    return _NAMES.question("enabled", [], lambda rows: {row["name"] for row in rows})


def provider_gateway(name: str) -> Gateway:
    """The adapter for a provider; one that was turned off still answers for what was begun.
    Raises GatewayNotConfigured."""
    if name == ALIPAY:
        return alipay()
    return wechat() if name == WECHAT else bank_transfers()


def alipay() -> Alipay:
    """Raises GatewayNotConfigured."""
    row, secrets = _account(ALIPAY)
    return Alipay(AlipayKeys(**row.config, **secrets))


def wechat() -> Wechat:
    """Raises GatewayNotConfigured."""
    row, secrets = _account(WECHAT)
    known = row.known.get("certificates", {})
    return Wechat(WechatKeys(**row.config, **secrets), certificates=known, keep=_keep_certificates)


def bank_transfers() -> BankTransfers:
    """Raises GatewayNotConfigured."""
    row, secrets = _account(BANK_TRANSFER)
    return BankTransfers(
        base_url=row.config["base_url"],
        secret_key=secrets["secret_key"],
        bank=row.config["bank"],
        holder=row.config["holder"],
    )


def fapiao_issuer() -> HttpIssuer:
    """Whoever issues statutory invoices; one that was turned off still answers for what was begun.
    Raises GatewayNotConfigured."""
    row, secrets = _account(FAPIAO)
    return HttpIssuer(base_url=row.config["base_url"], secret_key=secrets["secret_key"])


def callback_secret(name: str) -> str:
    """The secret that a provider's callbacks are signed with. Raises GatewayNotConfigured."""
    return _account(name)[1]["callback_secret"]


def _keep_certificates(found: dict[str, str]) -> None:
    """New platform certificates, beside those that are still in use; the last few stay."""
    with atomic():
        row = ProviderAccount.objects.select_for_update().get(name=WECHAT)
        known = {**row.known.get("certificates", {}), **found}
        kept = dict(list(known.items())[-6:])
        row.known = {"certificates": kept, "fetched_at": clock.system().isoformat()}
        row.save(update_fields=["known"])
        audit.record(
            action="payments.provider.certificates", target=row, after={"serials": sorted(found)}
        )


def _fields(name: str) -> Fields:
    if name not in FIELDS:
        raise NotFound
    return FIELDS[name]


def _account(name: str) -> tuple[ProviderAccount, dict[str, str]]:
    row = ProviderAccount.objects.filter(name=name).first()
    if row is None:
        raise GatewayNotConfigured
    return row, _open(row)


def _open(row: ProviderAccount) -> dict[str, str]:
    plain = unwrap(bytes(row.secrets_sealed), purpose=PURPOSE, bound=tenancy.current_id().bytes)
    if plain is None:
        raise RuntimeError("PERSONAL_DATA_KEY isn't the key that sealed the provider's keys.")
    found: dict[str, str] = orjson.loads(plain)
    return found


def _info(name: str, row: ProviderAccount | None) -> ProviderInfo:
    if row is None:
        empty = dict.fromkeys(FIELDS[name].config, "")
        return ProviderInfo(name, False, False, empty, (), 0)
    there = tuple(key for key, value in _open(row).items() if value)
    return ProviderInfo(name, True, row.enabled, dict(row.config), there, row.version)


def _short(config: Mapping[str, str]) -> dict[str, str]:
    return {key: value if len(value) <= 200 else f"{value[:40]}…" for key, value in config.items()}


def _check(
    name: str, fields: Fields, config: Mapping[str, str], secrets: Mapping[str, str]
) -> None:
    for key, value in {**config, **secrets}.items():
        if not value and key not in fields.optional:
            raise ProviderSettings(_("It is missing."), field=key)
        if len(value) > 8000 or not value.replace("\n", "").replace("\r", "").isprintable():
            raise ProviderSettings(_("It is too long, or isn't text."), field=key)
        if key in ("gateway", "base_url", "notify_url") and not _is_address(value):
            raise ProviderSettings(_("This isn't an http(s) address."), field=key)
    _check_keys(name, config, secrets)


def _check_keys(name: str, config: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    if "private_key" in secrets:
        try:
            keys.private_key(secrets["private_key"])
        except ValueError as error:
            raise ProviderSettings(
                _("This isn't an RSA private key of at least 2048 bits."), field="private_key"
            ) from error
    public = "alipay_public_key" if name == ALIPAY else "public_key"
    if config.get(public):
        try:
            keys.public_key(config[public])
        except ValueError as error:
            raise ProviderSettings(
                _("This isn't an RSA public key of at least 2048 bits."), field=public
            ) from error
    if name != WECHAT:
        return
    if len(secrets["apiv3_key"].encode()) != 32:
        raise ProviderSettings(_("The APIv3 key has 32 characters."), field="apiv3_key")
    if bool(config["public_key"]) != bool(config["public_key_id"]):
        missing = "public_key_id" if config["public_key"] else "public_key"
        raise ProviderSettings(_("Give WeChat's public key and its id, or neither."), field=missing)


def _is_address(value: str) -> bool:
    return value.startswith(("https://", "http://")) and " " not in value and "#" not in value
