from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kernel.outbox import register_id_prefixes

        register_id_prefixes(
            merchant_id="mer",
            offer_id="off",
            promotion_id="prm",
            variant_id="var",
            cart_id="crt",
            order_id="ord",
            group_id="ogr",
            shipment_id="shp",
            return_id="ret",
            cancellation_id="can",
            message_id="msg",
        )
