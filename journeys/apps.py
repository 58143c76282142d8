from importlib import import_module

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("marketplace.facade") is None or find_spec("payments.facade") is None:
            return
        for kind in (
            "checkout", "contract", "fulfil", "cancel", "cancel_part", "returns", "replace",
            "onboarding",
        ):  # fmt: skip
            import_module(f"journeys.{kind}")  # defining a journey registers it
        from journeys.services.application_review import application_decided
        from platforms.facade import before_approval

        before_approval(application_decided)
