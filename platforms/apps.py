from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PlatformsConfig(AppConfig):
    name = "platforms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kernel import tenancy
        from kernel.api import register_authenticator
        from platforms.directory import DIRECTORY
        from platforms.services.authenticate import authenticate

        tenancy.register_directory(DIRECTORY)
        register_authenticator(authenticate)
        # Contexts declare their sections and what they keep about people; config registers its
        # presets ("blueprints").
        autodiscover_modules("blueprint", "blueprints", "privacy")
