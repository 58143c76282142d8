"""The first page of the demo's city, as its operators have composed it."""

from catalog import facade as catalog
from config.demo.shops import wide_picture

Kind, Source = catalog.BlockKind, catalog.ProductSource


def compose_home() -> None:
    """Once; what operators have made since is left alone."""
    if catalog.blocks():
        return
    picture = catalog.store_media(
        data=wide_picture((24, 74, 62), (150, 190, 160)), merchant_id=None
    )
    tree = catalog.category_tree()
    contents = (
        (Kind.BANNER, catalog.BlockContent(
            titles={"zh-Hans": "秋收上新：新米、山珍、暖冬针织",
                    "en": "After the harvest: new rice, mountain produce, warm knitwear"},
            alts={"zh-Hans": "层层山岭", "en": "Hills behind hills"},
            link="/products/?sort=-published_at", picture_id=picture.id,
        )),
        (Kind.CATEGORIES, catalog.BlockContent(
            titles={"zh-Hans": "逛类目", "en": "Categories"},
            category_ids=tuple(node.id for node in tree)[:12],
        )),
        (Kind.PRODUCTS, catalog.BlockContent(
            titles={"zh-Hans": "限时特价", "en": "Reduced for a time"}, source=Source.ON_SALE,
        )),
        (Kind.PRODUCTS, catalog.BlockContent(
            titles={"zh-Hans": "新品上架", "en": "New on sale"}, source=Source.NEWEST,
        )),
        (Kind.SHOPS, catalog.BlockContent(titles={"zh-Hans": "好店推荐", "en": "Shops"})),
        (Kind.TEXT, catalog.BlockContent(
            titles={"zh-Hans": "放心买", "en": "Buy with confidence"},
            texts={"zh-Hans": "商户均经平台审核；货款在确认收货后才结算给商户。",
                   "en": "Every merchant is reviewed; it is paid when your goods have arrived."},
        )),
    )  # fmt: skip
    for kind, content in contents:
        made = catalog.create_block(kind=kind, content=content)
        catalog.publish_block(block_id=made.id)
