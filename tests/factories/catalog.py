"""Categories, products and pictures for tests, made through the facade."""

import io
import random
from typing import Any
from uuid import UUID

from PIL import Image

from catalog import facade
from catalog.facade import CategoryInfo, OptionAxis, ProductInfo, VariantInput
from tests.factories.platforms import make_merchant, unique

SIZES = OptionAxis("size", {"zh-Hans": "规格", "en": "Size"})


def make_category(name: str | None = None, **fields: Any) -> CategoryInfo:
    """A category of the platform in scope."""
    name = name or unique("Category ")
    return facade.create_category(
        names=fields.pop("names", {"zh-Hans": f"类目 {name}", "en": name}),
        slug=fields.pop("slug", None),
        **fields,
    )


def make_product(
    *,
    merchant_id: UUID | None = None,
    published: bool = True,
    variants: int = 1,
    title: str | None = None,
    **fields: Any,
) -> ProductInfo:
    """A product with ``variants`` variants that differ in size, published unless told otherwise."""
    title = title or unique("Tea ")
    sku = unique("SKU-")
    made = facade.create_product(
        merchant_id=merchant_id or make_merchant().id,
        titles=fields.pop("titles", {"zh-Hans": f"茶 {title}", "en": title}),
        descriptions=fields.pop("descriptions", {"en": "Good."}),
        options=fields.pop("options", (SIZES,) if variants else ()),
        variants=fields.pop(
            "inputs",
            [
                VariantInput(sku=f"{sku}-{n}", options={"size": f"{n} kg"}, weight_grams=1000)
                for n in range(1, variants + 1)
            ],
        ),
        **fields,
    )
    return facade.publish_product(product_id=made.id) if published else made


def make_variant(**fields: Any) -> UUID:
    """The id of the one variant of a new published product."""
    return make_product(**fields).variants[0].id


def picture_bytes(
    width: int = 640, height: int = 480, *, kind: str = "JPEG", seed: int = 0, **options: Any
) -> bytes:
    """A small picture file; another ``seed`` gives other content."""
    dice = random.Random(seed)
    mode = options.pop("mode", "RGB")
    image = Image.new("RGB", (width, height), tuple(dice.randrange(256) for _ in range(3)))
    for _ in range(5):
        box = (dice.randrange(width), dice.randrange(height))
        image.paste(tuple(dice.randrange(256) for _ in range(3)), (*box, width, height))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()
