"""What was searched for, as counts a day: no person, no visit, no address, no time of day."""

from django.db import models

from kernel.models import TenantModel


class QueryCount(TenantModel):
    """One query of one day. ``query`` is folded (case, width, traditional to simplified).

    ``searches`` counts each visit once; ``empty`` those that found nothing; ``clicks`` those
    from which a product was opened.
    """

    day = models.DateField()
    language = models.CharField(max_length=8)
    query = models.CharField(max_length=100, db_collation="C")
    searches = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "day", "language", "query"], name="search_querycount_once"
            )
        ]


class QueryPair(TenantModel):
    """In how many visits of a day ``after`` was typed straight after ``before``; in how many of
    these something was then opened."""

    day = models.DateField()
    language = models.CharField(max_length=8)
    before = models.CharField(max_length=100, db_collation="C")
    after = models.CharField(max_length=100, db_collation="C")
    times = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "day", "language", "before", "after"],
                name="search_querypair_once",
            )
        ]


class PopularQuery(TenantModel):
    """A query offered while somebody types; made anew by a job from the counts."""

    language = models.CharField(max_length=8)
    query = models.CharField(max_length=100, db_collation="C")
    pinyin = models.CharField(max_length=300, default="", db_collation="C")
    initials = models.CharField(max_length=100, default="", db_collation="C")
    searches = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "language", "query"], name="search_popular_once"
            )
        ]


class DeclinedSynonym(TenantModel):
    """A proposed pair that an operator didn't want; it isn't proposed again."""

    language = models.CharField(max_length=8)
    before = models.CharField(max_length=100, db_collation="C")
    after = models.CharField(max_length=100, db_collation="C")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "language", "before", "after"],
                name="search_declined_once",
            )
        ]
