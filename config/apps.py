from django.apps import AppConfig
from django.conf import settings

from config.embedded.parent import leave_with_parent


class ConfigAppConfig(AppConfig):
    name = "config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from config.public_ids import PREFIXES
        from kernel.outbox import register_id_prefixes

        leave_with_parent()
        register_id_prefixes(**PREFIXES)
        if settings.REDIS_URL:
            from config.celery import send_wake
            from kernel.wake import register_waker

            register_waker(send_wake)
