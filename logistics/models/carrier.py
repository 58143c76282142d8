"""How the platform speaks to a carrier."""

from django.db import models

from kernel.models import AggregateModel


class CarrierAccount(AggregateModel):
    """The platform's account with a carrier; key and callback secret are sealed."""

    carrier = models.CharField(max_length=40)
    base_url = models.CharField(max_length=500)
    sealed_key = models.TextField()
    sealed_secret = models.TextField(default="")

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "carrier"], name="logistics_carrier_once"
            )
        ]
