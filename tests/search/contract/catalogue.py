"""The documents that the cases ask about: two platforms, private ones, deleted ones, ties."""

from datetime import UTC, datetime
from typing import Any

from search.contracts import (
    PUBLIC,
    Attribute,
    CategoryPath,
    Document,
    Operation,
    Tombstone,
)

P1, P2 = "platform-one", "platform-two"
NAMES: dict[str, tuple[str, str]] = {
    "grain": ("粮食", "Grain"),
    "corn": ("玉米", "Corn"),
    "rice": ("大米", "Rice"),
    "food": ("食品", "Food"),
    "canned": ("罐头", "Canned food"),
    "oil": ("食用油", "Cooking oil"),
    "machines": ("农机", "Farm machines"),
    "hardware": ("五金", "Hardware"),
    "samples": ("样品", "Samples"),
}


def product(
    id_: str,
    chinese: str,
    english: str,
    path: str,
    price: int | None,
    *,
    brand: str = "",
    merchant: str = "mer_1",
    sku: str = "",
    more: dict[str, Any] | None = None,
    attributes: tuple[Attribute, ...] = (),
    visible_to: tuple[str, ...] = (PUBLIC,),
    platform: str = P1,
    version: int = 10,
) -> Document:
    parts = tuple(path.split("/"))
    titles = {language: text for language, text in (("zh-hans", chinese), ("en", english)) if text}
    fields: dict[str, Any] = {
        "title": titles,
        "category": (
            CategoryPath(parts, tuple({"zh-hans": NAMES[p][0], "en": NAMES[p][1]} for p in parts)),
        ),
        "merchant": merchant,
        "product": id_.partition("-")[0],
        "stock": "in_stock",
        "attributes": attributes,
        **(more or {}),
    }
    if price is not None:
        fields.setdefault("prices", (price,))
    if brand:
        fields["brand"] = (brand,)
    if sku:
        fields["sku"] = (sku,)
    return Document(id_, platform, version, fields, visible_to)


def _corn(grade: str, moisture: float, density: int) -> tuple[Attribute, ...]:
    return (
        Attribute("grade", grade),
        Attribute("moisture", moisture, "P1", {"zh-hans": f"{moisture:g}%水分"}),
        Attribute("density", density),
    )


def _day(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


DOCUMENTS: tuple[Document, ...] = (
    product(
        "c1", "东北二等黄玉米 散装", "Yellow corn No. 2 bulk", "grain/corn", 240_000,
        brand="北大荒", sku="CORN-2025-A1", attributes=_corn("二等", 14, 690),
        more={"barcode": ("6901234567892",), "origin": "吉林", "region": "CN-JL", "sales": 1200,
              "rating": 4.6, "credit_grade": "A", "published_at": _day(1),
              "prices": (240_000, 230_000, None, 1)},
    ),
    product(
        "c2", "一等黄玉米 烘干", "Dried yellow corn No. 1", "grain/corn", 260_000,
        brand="北大荒", merchant="mer_2", sku="CORN-2025-B2", attributes=_corn("一等", 13, 720),
        more={"origin": "黑龙江", "region": "CN-HL", "sales": 300, "rating": 4.1,
              "credit_grade": "B", "published_at": _day(2)},
    ),
    product(
        "c3", "三等白玉米 14.5%水分", "White corn No. 3", "grain/corn", 220_000,
        brand="金穗", merchant="mer_2", sku="CW-77003", attributes=_corn("三等", 14.5, 650),
        more={"origin": "吉林", "region": "CN-JL", "sales": 40, "rating": 3.2,
              "stock": "sold_out", "published_at": _day(3)},
    ),
    product("c4", "甜玉米罐头", "Sweet corn canned 425 g", "food/canned", 890, brand="金穗",
            merchant="mer_3", sku="CAN-0425", more={"sales": 7, "published_at": _day(4)}),
    product("c5", "玉米胚芽油 5升", "Corn germ oil 5 L", "food/oil", 6_990, brand="福临门",
            merchant="mer_3", sku="OIL-5L-001", attributes=(Attribute("volume", 5, "LTR"),),
            more={"published_at": _day(5)}),
    product("c6", "玉米脱粒机 220伏", "Electric corn sheller 220 V", "machines", 129_900,
            merchant="mer_4", sku="SHELL-220", attributes=(Attribute("weight", 48, "KGM"),),
            more={"published_at": _day(6)}),
    product("r1", "五常大米 10公斤", "Wuchang rice 10 kg", "grain/rice", 9_900, brand="五常",
            merchant="mer_2", attributes=(Attribute("weight", 10, "KGM"),),
            more={"rating": 4.9, "sales": 88, "published_at": _day(7)}),
    product("r2", "长粒香米 5kg", "Long grain rice 5 kg", "grain/rice", 4_900, brand="金穗",
            merchant="mer_3", attributes=(Attribute("weight", 5000, "GRM"),),
            more={"published_at": _day(8)}),
    product("r3", "圆糯米 1吨", "Glutinous rice, 1 tonne", "grain/rice", 520_000,
            merchant="mer_4", attributes=(Attribute("weight", 1, "TNE"),),
            more={"published_at": _day(9)}),
    product("m1", "谷物水分测定仪", "Grain moisture meter", "machines", 35_000,
            merchant="mer_4", sku="MM-300", more={"published_at": _day(10)}),
    product("m2", "循环式烘干塔", "Circulating tower dryer", "machines", 9_900_000,
            merchant="mer_4", more={"published_at": _day(11)}),
    product("h1", "", "Stainless steel drawer pull, 3 in.", "hardware", 450, merchant="mer_5",
            sku="DP-3SS"),
    product("h2", "", "Full extension drawer slides 18 in.", "hardware", 1_290, merchant="mer_5"),
    product("h3", "", "Soft-close cabinet hinge", "hardware", 320, merchant="mer_5"),
    product("h4", "", "2 in. x 4 in. x 8 ft. pine stud", "hardware", 599, merchant="mer_5"),
    product("h5", "", "5-Gal. orange bucket", "hardware", 398, merchant="mer_5"),
    product("h6", "", "Drywall screws 1-1/4 in.", "hardware", 650, merchant="mer_5"),
    product("h7", "", "Window air conditioner 8,000 BTU", "hardware", 21_900, merchant="mer_5"),
    product("h8", "苹果手机壳", "Protective case for iPhone15", "hardware", 1_990,
            merchant="mer_5", sku="IP15-CASE"),
    product("h9", "", "Café table with marble top", "hardware", None, merchant="mer_5"),
    product("h10", "", "DeckOver wood coating <b>&amp; stain</b>", "hardware", 3_998,
            merchant="mer_5"),
    product("h11", "", "Battery powered lantern", "hardware", 1_500, merchant="mer_5"),
    product("v1-red", "保温杯 红色", "Thermos cup red", "hardware", 2_500, merchant="mer_6",
            sku="CUP-R"),
    product("v1-blue", "保温杯 蓝色", "Thermos cup blue", "hardware", 2_600, merchant="mer_6",
            sku="CUP-B"),
    product("v2-red", "保温壶 红色", "Thermos jug red", "hardware", 5_500, merchant="mer_7",
            sku="JUG-R"),
    product("x1", "协议专供钻石玉米", "Zanzibar contract corn", "grain/corn", None, brand="私享",
            visible_to=("contract:acme",), merchant="mer_8", sku="SECRET-0001",
            attributes=(Attribute("grade", "特等"),)),
    product("x2", "会员玉米糁", "Members corn grits", "grain/corn", 1_200, brand="会员牌",
            visible_to=("group:vip", "contract:acme"), merchant="mer_8"),
    product("z1", "另一平台的玉米", "Corn of the other platform quixotic", "grain/corn", 1,
            brand="别家", platform=P2, merchant="mer_9", sku="OTHER-9999"),
    *(
        product(f"s{number:02}", "分页样品", "Paging sample", "samples", 100 + number % 3,
                merchant=f"mer_s{number % 4}", more={"rating": float(number % 2 + 1)})
        for number in range(30)
    ),
)  # fmt: skip

# Late, repeated and deleting: none of these may be seen.
LATE: tuple[Operation, ...] = (
    product("c1", "过期的旧标题", "Outdated old wording", "grain/corn", 5, version=9),
    product("c1", "过期的旧标题", "Outdated same version", "grain/corn", 5, version=10),
    product("d1", "要删除的玉米", "Doomed corn", "grain/corn", 5, version=3),
    Tombstone("d1", P1, 4),
    product("d1", "要删除的玉米", "Doomed corn again", "grain/corn", 5, version=4),
    Tombstone("c2", P1, 2),
    Tombstone("d2", P1, 7),
    product("d2", "先删后来的玉米", "Late doomed corn", "grain/corn", 5, version=6),
)
