"""How the demo's shops present themselves, with categories of their own."""

import io
from collections.abc import Mapping
from uuid import UUID

from PIL import Image, ImageDraw

from catalog import facade as catalog
from config.demo.pictures import picture

# code: (about zh, en; notice zh, en; motif of the sign; colours of the wide picture)
LOOKS = {
    "ginseng": (
        "三代人采参、炮制、分级，只做长白山道地参茸。",
        "Three generations of gathering, curing and grading: nothing but Changbai ginseng.",
        "每天 9:00–18:00 发货，节假日顺延。",
        "We ship daily from 9:00 to 18:00, after holidays on the next day.",
        "root", ((46, 72, 52), (171, 140, 88)),
    ),
    "grain": (
        "松花江畔自有稻田，新米当季碾、当天发。",
        "Our own paddies by the Songhua: new rice, milled in season, shipped the same day.",
        "新米已上市，五公斤起包邮以结算页为准。",
        "The new rice is in; what delivery costs stands at checkout.",
        "sack", ((132, 96, 40), (226, 190, 110)),
    ),
    "knit": (
        "辽源袜业基地直供，厚薄、脚型齐全。",
        "Straight from Liaoyuan's mills, in every weight and size.",
        "", "", "cap", ((58, 74, 110), (160, 110, 120)),
    ),
}  # fmt: skip


def dress_shops(shops: Mapping[str, UUID]) -> None:
    """Each once; what a merchant has written already is left alone."""
    for code, merchant_id in shops.items():
        if code in LOOKS and not catalog.shop(merchant_id).version:
            _dress(code, merchant_id)
        if not catalog.shop_categories(merchant_id):
            _shelve(merchant_id)


def _dress(code: str, merchant_id: UUID) -> None:
    about_zh, about_en, notice_zh, notice_en, motif, colours = LOOKS[code]
    sign = catalog.store_media(data=picture(motif, 1), merchant_id=merchant_id)
    wide = catalog.store_media(data=wide_picture(*colours), merchant_id=merchant_id)
    catalog.change_shop(
        merchant_id=merchant_id,
        changes={
            "abouts": {"zh-Hans": about_zh, "en": about_en},
            "notices": {"zh-Hans": notice_zh, "en": notice_en},
            "banner_id": wide.id,
            "banner_alts": {"zh-Hans": "起伏的山岭", "en": "Rolling hills"},
            "logo_id": sign.id,
        },
    )


def wide_picture(first: tuple[int, int, int], second: tuple[int, int, int]) -> bytes:
    """Hills before a pale sky."""
    image = Image.new("RGB", (1600, 400), (240, 240, 232))
    draw = ImageDraw.Draw(image)
    for step in range(5):
        share = step / 4
        colour = tuple(int(a * share + b * (1 - share)) for a, b in zip(first, second, strict=True))
        top, shift = 120 + 55 * step, 130 * step
        draw.polygon(
            [(0, 400), (0, top + 60)]
            + [
                (x, top + (70 if (x + shift) // 200 % 2 else 0) + (x + shift) % 200 // 6)
                for x in range(0, 1601, 100)
            ]
            + [(1600, 400)],
            fill=colour,
        )
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _shelve(merchant_id: UUID) -> None:
    """The platform's categories that the merchant sells in, as the shop's own."""
    found: dict[UUID, list[UUID]] = {}
    for product in catalog.products_page(merchant_id=merchant_id, visible=True, limit=100).items:
        if product.category_id:
            found.setdefault(product.category_id, []).append(product.id)
    trails = catalog.category_trails(found)
    for category_id, products in sorted(found.items(), key=lambda one: -len(one[1]))[:6]:
        made = catalog.create_shop_category(
            merchant_id=merchant_id, names=trails[category_id][-1].names
        )
        catalog.put_shop_category_products(
            category_id=made.id, merchant_id=merchant_id, product_ids=products
        )
