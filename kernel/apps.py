from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kernel.contextual import keep_by_context
        from kernel.postgres.here import keep_by_thread
        from kernel.rotation import register_own

        keep_by_thread()
        keep_by_context()
        register_own()
        # Events, their handlers and kinds of jobs register themselves when imported.
        autodiscover_modules("events", "subscribers", "tasks")
