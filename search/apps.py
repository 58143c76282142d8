from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kernel.outbox import register_id_prefixes

        register_id_prefixes(saved_search_id="sav", product_id="prd", product_ids="prd")
