"""Brands of the demo's shops, and the attributes that its categories' goods have."""

from typing import Any
from uuid import UUID

from catalog import facade as catalog
from config.demo.goods import Goods

BRANDS = {
    "ginseng": ("changbai", "长白参乡", "Changbai Roots"),
    "grain": ("songjiang", "松江粮仓", "Songjiang Granary"),
    "knit": ("liaofang", "辽纺", "Liaofang"),
}
ORIGINS = {
    "fusong": ("抚松", "Fusong"), "dunhua": ("敦化", "Dunhua"), "meihekou": ("梅河口", "Meihekou"),
    "yanji": ("延吉", "Yanji"), "liaoyuan": ("辽源", "Liaoyuan"),
}  # fmt: skip
COLOURS = {
    "white": ("雪白", "White"), "green": ("松绿", "Green"), "grey": ("炭灰", "Grey"),
    "red": ("枫红", "Red"), "camel": ("驼色", "Camel"), "navy": ("藏青", "Navy"),
}  # fmt: skip
MATERIALS = {
    "cashmere": ("羊绒", "Cashmere"), "wool": ("羊毛", "Wool"), "cotton": ("棉", "Cotton"),
}  # fmt: skip
# code: kind, names, values, the categories that have it
ATTRIBUTES: dict[str, tuple[str, tuple[str, str], dict[str, tuple[str, str]], tuple[str, ...]]] = {
    "origin": ("choice", ("产地", "Origin"), ORIGINS, ("mountain", "pantry", "wear")),
    "organic": ("boolean", ("有机", "Organic"), {}, ("mountain", "pantry")),
    "material": ("choice", ("材质", "Material"), MATERIALS, ("wear",)),
    "colour": ("choice", ("颜色", "Colour"), COLOURS, ("winter",)),
}
_FROM = {
    "ginseng": "fusong", "mushroom": "dunhua", "nuts": "dunhua", "rice": "meihekou",
    "noodle": "yanji", "socks": "liaoyuan", "winter": "liaoyuan",
}  # fmt: skip


def brands() -> dict[str, UUID]:
    """Each shop's brand, by the shop's code."""
    known = {one.code: one.id for one in catalog.every_brand()}
    return {
        shop: known.get(code) or catalog.create_brand(code=code, names={"zh-Hans": zh, "en": en}).id
        for shop, (code, zh, en) in BRANDS.items()
    }


def attributes(tree: dict[str, UUID]) -> None:
    """The attributes, and each category's set of them; what is there already is left alone."""
    known = {one.code: one.id for one in catalog.attributes()}
    sets: dict[str, list[tuple[UUID, bool]]] = {}
    for code, (kind, (zh, en), values, categories) in ATTRIBUTES.items():
        if code not in known:
            known[code] = catalog.create_attribute(
                code=code,
                kind=kind,
                names={"zh-Hans": zh, "en": en},
                values=[{"code": v, "names": {"zh-Hans": z, "en": e}}
                        for v, (z, e) in values.items()],
                facet=True,
            ).id  # fmt: skip
        for category in categories:
            sets.setdefault(category, []).append((known[code], False))
    for category, entries in sets.items():
        if not catalog.own_set(tree[category]):
            catalog.put_category_attributes(category_id=tree[category], entries=entries)


def of_goods(item: Goods) -> dict[str, Any]:
    """The product's values, as its title and category say."""
    found: dict[str, Any] = {}
    if item.category in _FROM:
        found["origin"] = _FROM[item.category]
    if "有机" in item.zh:
        found["organic"] = True
    if item.category in ("socks", "winter"):
        found["material"] = _said(MATERIALS, item.zh)
    if item.category == "winter":
        found["colour"] = _said(COLOURS, item.zh)
    return {code: value for code, value in found.items() if value is not None}


def _said(values: dict[str, tuple[str, str]], title: str) -> str | None:
    return next((code for code, (zh, _en) in values.items() if zh in title), None)
