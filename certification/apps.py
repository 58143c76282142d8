from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "certification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from certification import authority_ready, subscribers
        from platforms.facade import before_approval

        authority_ready.register()
        before_approval(subscribers.merchant_is_proven)
