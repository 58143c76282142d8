"""What was searched for, as counts a day: no person, no visit, no address, no time of day.

Somebody may type a name into the search box, so the words are sealed; what is counted together is
told by their marks, keyed hashes of the platform's own.
"""

from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.db import models

from kernel import personal, tenancy
from kernel.models import TenantModel
from kernel.sealed_text import SealedText, sealed

_WORDS = UUID("0a1c7f60-6d4c-4f3a-9a53-0c6a0f1b7e55")  # names the subject of all words


def mark_of(query: str) -> str:
    """What tells a folded query apart without saying it."""
    return personal.blind_index(query, purpose="search.query")


def sealed_words(query: str) -> str:
    """A query as its column holds it. All of a platform have one key: rows are forgotten, not
    persons."""
    return sealed(uuid5(_WORDS, str(tenancy.current_id())), query)


class Words(TenantModel):
    """A row with words in it: ``MARKS`` says which column marks which text."""

    MARKS: ClassVar[dict[str, str]] = {}
    TEXTS_OF: ClassVar = ("subject_id",)

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def subject_id(self) -> UUID:
        """Whose the words are: everybody's."""
        return uuid5(_WORDS, str(self.platform_id))

    def save(self, *args: Any, **kwargs: Any) -> None:
        for mark, text in self.MARKS.items():
            setattr(self, mark, mark_of(getattr(self, text)))
        super().save(*args, **kwargs)


class QueryCount(Words):
    """One query of one day. ``query`` is folded (case, width, traditional to simplified).

    ``searches`` counts each visit once; ``empty`` those that found nothing; ``clicks`` those
    from which a product was opened.
    """

    MARKS: ClassVar = {"mark": "query"}

    day = models.DateField()
    language = models.CharField(max_length=8)
    query = SealedText()
    mark = models.CharField(max_length=64, db_collation="C")
    searches = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "day", "language", "mark"], name="search_querycount_once"
            )
        ]


class QueryPair(Words):
    """In how many visits of a day ``after`` was typed straight after ``before``; in how many of
    these something was then opened."""

    MARKS: ClassVar = {"before_mark": "before", "after_mark": "after"}

    day = models.DateField()
    language = models.CharField(max_length=8)
    before = SealedText()
    after = SealedText()
    before_mark = models.CharField(max_length=64, db_collation="C")
    after_mark = models.CharField(max_length=64, db_collation="C")
    times = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "day", "language", "before_mark", "after_mark"],
                name="search_querypair_once",
            )
        ]


class PopularQuery(TenantModel):
    """A query offered while somebody types; made anew by a job from the counts. In clear: it is
    published, once as many visits as the platform's threshold have searched for it."""

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
