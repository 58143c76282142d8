"""Searches that somebody keeps, and what has newly matched them."""

from django.db import models

from kernel.models import AggregateModel, TenantForeignKey, TenantModel


class SavedSearch(AggregateModel):
    """A kept search (收藏搜索): of a person, or of a merchant, whose webhooks are told.

    ``sealed`` is its name and the search as parameters, the same as in the page's address: what
    somebody looks for is theirs, and goes when they are erased. ``whole``: when it
    was saved every match was noted, so whatever isn't noted is new; else only products published
    since count as new.
    """

    person_id = models.UUIDField(null=True)
    merchant_id = models.UUIDField(null=True)
    sealed = models.TextField()
    digest = models.CharField(max_length=64)
    alert = models.BooleanField(default=True)
    whole = models.BooleanField(default=True)
    checked_at = models.DateTimeField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person_id__isnull=False) | models.Q(merchant_id__isnull=False),
                name="search_saved_owned",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "person_id", "merchant_id", "digest"],
                name="search_saved_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "person_id", "id"], name="search_saved_person"),
            models.Index(fields=["platform_id", "merchant_id", "id"], name="search_saved_merchant"),
            models.Index(fields=["platform_id", "alert", "checked_at"], name="search_saved_due"),
        ]


class SavedMatch(TenantModel):
    """A product that a saved search has found. ``found_at`` is None for those of its beginning."""

    saved_search = TenantForeignKey(
        SavedSearch, models.CASCADE, related_name="matches", db_index=False
    )
    product_id = models.UUIDField()
    found_at = models.DateTimeField(null=True)
    seen = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "saved_search", "product_id"], name="search_match_once"
            )
        ]
