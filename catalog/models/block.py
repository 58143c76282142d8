"""What operators put on the platform's first page (首页内容): blocks in an order."""

from django.db import models

from catalog.contracts_home import BlockKind, BlockState
from catalog.models.media import Media
from kernel.models import TenantForeignKey
from kernel.states import StatefulModel, Transitions


class Block(StatefulModel):
    """``draft`` is what is being written, ``live`` what visitors see once it is published; each
    with its picture. Publishing makes them the same."""

    TRANSITIONS = Transitions(
        BlockState,
        initial=BlockState.DRAFT,
        moves={
            BlockState.DRAFT: {BlockState.PUBLISHED},
            BlockState.PUBLISHED: {BlockState.DRAFT},
        },
        endless=True,
    )

    state = models.CharField(max_length=10, choices=BlockState, default=BlockState.DRAFT)
    kind = models.CharField(max_length=10, choices=BlockKind)
    position = models.PositiveSmallIntegerField(default=0)
    draft = models.JSONField(default=dict)
    live = models.JSONField(default=dict)
    picture = TenantForeignKey(Media, models.PROTECT, null=True, related_name="+", db_index=False)
    live_picture = TenantForeignKey(
        Media, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta(StatefulModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "position", "id"], name="catalog_block_order"),
            models.Index(
                fields=["platform_id", "picture"],
                name="catalog_block_picture",
                condition=models.Q(picture__isnull=False),
            ),
            models.Index(
                fields=["platform_id", "live_picture"],
                name="catalog_block_live_picture",
                condition=models.Q(live_picture__isnull=False),
            ),
        ]
