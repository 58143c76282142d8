"""This context's own section of the blueprint."""

from typing import Annotated

from pydantic import Field

from platforms.facade import Section, register_section


class CatalogSection(Section):
    """How much a product may hold, and a video in MB (millions of bytes); ``review``: whether the
    operator looks at each product before buyers see it."""

    pictures_per_product: Annotated[int, Field(ge=1, le=50)] = 20
    videos_per_product: Annotated[int, Field(ge=0, le=10)] = 3
    video_megabytes: Annotated[int, Field(ge=1, le=500)] = 50
    review: bool = False


register_section("catalog", CatalogSection)
