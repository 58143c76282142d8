"""Vectors of documents, for search by meaning (语义搜索); empty without ``SEARCH_MEANING``."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantModel


class DocumentVector(TenantModel):
    """What a document means to the embedding model.

    ``text`` is what is embedded; without ``vector`` it still waits for that. ``document`` is the
    public id and ``version`` the document's. ``changed_at`` is system time and says to those who
    keep vectors in memory what to read again; a deleted document keeps its row without a text.
    """

    doc_type = models.CharField(max_length=30)
    document = models.CharField(max_length=64, db_collation="C")
    version = models.BigIntegerField()
    text = models.TextField(blank=True, default="")
    model = models.CharField(max_length=40, blank=True, default="")
    vector = models.BinaryField(null=True)
    changed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform_id", "doc_type", "document"], name="search_vector_document"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["platform_id", "doc_type", "changed_at"], name="search_vector_changed"
            ),
            models.Index(
                fields=["platform_id", "changed_at"],
                condition=Q(vector__isnull=True) & ~Q(text=""),
                name="search_vector_waits",
            ),
        ]
