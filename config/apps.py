from django.apps import AppConfig


class ConfigAppConfig(AppConfig):
    name = "config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"
