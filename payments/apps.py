from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kernel.rotation import sealed_column
        from payments.models import GatewayAccount, ProviderAccount
        from payments.services import provider_account
        from payments.services.gateway_account import PURPOSE

        for column in (
            "secret_key_sealed",
            "webhook_secret_sealed",
            "previous_webhook_secret_sealed",
            "bank_key_sealed",
        ):
            sealed_column(
                GatewayAccount, column, purpose=PURPOSE, bound=lambda row: row.platform_id.bytes
            )
        sealed_column(
            ProviderAccount,
            "secrets_sealed",
            purpose=provider_account.PURPOSE,
            bound=lambda row: row.platform_id.bytes,
        )
