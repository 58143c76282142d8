"""What an operator tunes: rules, synonyms, redirects, weights, and the versions published of them.

The rows here are the *draft*. Publishing copies all of them into one immutable ``TuningVersion``;
searches read the newest version only.
"""

from django.db import models

from kernel.models import AggregateModel, TenantModel
from kernel.sealed_text import SealedText


class Match(models.TextChoices):
    """How a rule's queries are compared with what was typed, both folded alike."""

    EXACT = "exact"
    CONTAINS = "contains"
    ANY = "any"


class SearchRule(AggregateModel):
    """Pin (置顶), bury (降权) or boost (加权), for some queries or a category, between two dates.

    ``product_ids`` are what a pin or a bury names, in the order wanted; ``condition`` is what a
    boost or a bury holds for (``merchant_id``, ``category``, ``attribute`` with ``value``).
    ``points`` are added to the score: a word in a title is worth some 5 to 30, and having all words
    of the query 100.
    """

    class Kind(models.TextChoices):
        PIN = "pin"
        BURY = "bury"
        BOOST = "boost"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=Kind)
    enabled = models.BooleanField(default=True)
    match = models.CharField(max_length=8, choices=Match, default=Match.EXACT)
    queries = models.JSONField(default=list)
    category_path = models.CharField(max_length=500, default="", db_collation="C")
    product_ids = models.JSONField(default=list)
    condition = models.JSONField(default=dict)
    points = models.DecimalField(max_digits=6, decimal_places=1, default=0)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        indexes = [models.Index(fields=["platform_id", "kind", "id"], name="search_rule_list")]


class SynonymGroup(AggregateModel):
    """Words that mean the same (同义词), or, with ``source``, words that ``source`` finds too."""

    language = models.CharField(max_length=8)
    source = models.CharField(max_length=60, default="", blank=True)
    terms = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)

    class Meta(AggregateModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "language", "id"], name="search_synonym_list")
        ]


class SearchRedirect(AggregateModel):
    """A query that leads to a page of the platform instead of a list (跳转)."""

    match = models.CharField(max_length=8, choices=Match, default=Match.EXACT)
    queries = models.JSONField(default=list)
    target = models.CharField(max_length=500)
    enabled = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        indexes = [models.Index(fields=["platform_id", "id"], name="search_redirect_list")]


class SearchTuning(AggregateModel):
    """The platform's one row: draft weights, and the number last published."""

    weights = models.JSONField(default=dict)
    published = models.PositiveIntegerField(default=0)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id"], name="search_tuning_once"),
        ]


class TuningVersion(TenantModel):
    """What was published: everything in one document, never changed afterwards."""

    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = SealedText()
    restored_from = models.PositiveIntegerField(null=True)
    published_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "number"], name="search_version_number"),
        ]
