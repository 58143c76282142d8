"""Merchants, categories and goods of the demo, in Chinese and English.

Each line of goods is one kind; its editions make the products, each with one or two packs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice


@dataclass(frozen=True)
class Shop:
    code: str
    zh: str
    en: str
    email: str


@dataclass(frozen=True)
class Goods:
    """One product to make: titles, category, motif of its picture, packs and prices in yuan."""

    shop: str
    category: str
    motif: str
    sku: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    packs: tuple[tuple[str, str, Decimal, int], ...]  # zh, en, price, grams
    facts: dict[str, str] = field(default_factory=dict)
    sides: tuple[int, int, int] | None = None  # mm, of each pack


SHOPS = (
    Shop("ginseng", "长白山参茸行", "Changbai Ginseng House", "ginseng@example.com"),
    Shop("grain", "松花江粮油", "Songhua River Grain & Oil", "grain@example.com"),
    Shop("knit", "辽源织坊", "Liaoyuan Knitworks", "knit@example.com"),
)
CATEGORIES = (
    ("mountain", "山珍滋补", "Mountain produce"),
    ("ginseng", "人参", "Ginseng"),
    ("mushroom", "菌菇", "Mushrooms"),
    ("nuts", "坚果蜂蜜", "Nuts & honey"),
    ("pantry", "粮油主食", "Pantry"),
    ("rice", "大米杂粮", "Rice & grains"),
    ("oil", "食用油", "Cooking oil"),
    ("noodle", "面食泡菜", "Noodles & pickles"),
    ("wear", "针织服饰", "Knitwear"),
    ("socks", "袜品", "Socks"),
    ("winter", "冬季保暖", "Winter wear"),
)
PARENTS = {
    "ginseng": "mountain",
    "mushroom": "mountain",
    "nuts": "mountain",
    "rice": "pantry",
    "oil": "pantry",
    "noodle": "pantry",
    "socks": "wear",
    "winter": "wear",
}
_FOOD = (("250克", "250 g", "1", 250), ("500克", "500 g", "1.9", 500))
_BULK = (("5公斤", "5 kg", "1", 5000), ("10公斤", "10 kg", "1.92", 10000))
_BOTTLE = (("1.8升", "1.8 L", "1", 1750), ("5升", "5 L", "2.6", 4800))
_BOX = (("礼盒", "Gift box", "1", 400),)
_SOCK = (("3双", "3 pairs", "1", 120), ("6双", "6 pairs", "1.85", 240))
_WEAR = (("M", "M", "1", 450), ("L", "L", "1", 480))
# shop, category, motif, packs, kinds (zh, en, yuan), editions (zh, en, factor), where and what
_LINES = (
    (
        "ginseng",
        "ginseng",
        "root",
        _BOX,
        (
            ("林下参", "Forest-grown ginseng", 268),
            ("园参", "Garden ginseng", 98),
            ("红参", "Red ginseng", 158),
            ("参片", "Sliced ginseng", 76),
        ),
        (
            ("五年生", "5-year", "1"),
            ("八年生", "8-year", "1.6"),
            ("十二年生", "12-year", "2.8"),
            ("十五年生", "15-year", "4.2"),
        ),
        "产自抚松，低温烘干，完整参须。",
        "From Fusong, dried at low heat, rootlets whole.",
    ),
    (
        "ginseng",
        "mushroom",
        "cap",
        _FOOD,
        (
            ("黑木耳", "Black wood ear", 39),
            ("榛蘑", "Honey mushroom", 45),
            ("猴头菇", "Lion's mane", 58),
            ("香菇", "Shiitake", 36),
            ("元蘑", "Late oyster mushroom", 49),
        ),
        (
            ("秋采", "Autumn pick", "1"),
            ("特选", "Select", "1.3"),
            ("小朵", "Small caps", "1.15"),
            ("家庭装", "Family pack", "0.92"),
        ),
        "敦化林区采收，自然晾晒，无熏硫。",
        "Picked in Dunhua's forests, sun-dried, unsulphured.",
    ),
    (
        "ginseng",
        "nuts",
        "jar",
        _FOOD,
        (
            ("红松子", "Korean pine nuts", 62),
            ("山核桃仁", "Walnut kernels", 44),
            ("椴树蜜", "Linden honey", 52),
            ("蓝莓干", "Dried blueberries", 48),
            ("榛子", "Hazelnuts", 46),
        ),
        (
            ("原味", "Natural", "1"),
            ("新货", "This year's", "1.12"),
            ("特级", "Grade A", "1.35"),
            ("轻烘", "Lightly roasted", "1.08"),
        ),
        "长白山原产，当季新货，罐装密封。",
        "From Changbai Mountain, this season's, sealed jar.",
    ),
    (
        "ginseng",
        "mountain",
        "jar",
        _FOOD,
        (
            ("五味子", "Schisandra berries", 42),
            ("刺五加茶", "Siberian ginseng tea", 56),
            ("桔梗干", "Dried bellflower root", 38),
            ("蕨菜干", "Dried bracken", 34),
            ("鹿茸片", "Sliced deer antler", 198),
            ("蓝莓叶茶", "Blueberry leaf tea", 45),
        ),
        (
            ("散装", "Loose", "1"),
            ("罐装", "Tin", "1.15"),
            ("特选", "Select", "1.4"),
            ("尝鲜装", "Trial pack", "0.6"),
        ),
        "长白山区采制，小批量，附采收日期。",
        "Gathered on Changbai Mountain in small lots, dated.",
    ),
    (
        "grain",
        "rice",
        "sack",
        _BULK,
        (
            ("梅河大米", "Meihe rice", 49),
            ("舒兰大米", "Shulan rice", 56),
            ("小粒香米", "Small-grain fragrant rice", 52),
            ("糙米", "Brown rice", 45),
            ("东北小米", "Northeast millet", 58),
            ("红小豆", "Adzuki beans", 61),
        ),
        (
            ("当季新米", "New harvest", "1"),
            ("有机", "Organic", "1.65"),
            ("留胚", "Germ-kept", "1.25"),
            ("真空装", "Vacuum-packed", "1.1"),
        ),
        "黑土地一季稻，低温仓储，现磨现发。",
        "One crop a year on black soil, stored cool, milled to order.",
    ),
    (
        "grain",
        "oil",
        "bottle",
        _BOTTLE,
        (
            ("非转基因大豆油", "Non-GMO soybean oil", 38),
            ("玉米胚芽油", "Corn germ oil", 46),
            ("葵花籽油", "Sunflower oil", 49),
            ("紫苏籽油", "Perilla seed oil", 118),
        ),
        (
            ("物理压榨", "Pressed", "1"),
            ("初榨", "First press", "1.4"),
            ("小榨", "Small batch", "1.25"),
        ),
        "本地原料，物理压榨，瓶身附批次号。",
        "Local seed, pressed, with its batch number on the bottle.",
    ),
    (
        "grain",
        "noodle",
        "bowl",
        _FOOD,
        (
            ("延吉冷面", "Yanji cold noodles", 16),
            ("荞麦面", "Buckwheat noodles", 18),
            ("辣白菜", "Kimchi", 22),
            ("玉米面条", "Corn noodles", 14),
            ("大酱", "Soybean paste", 19),
        ),
        (
            ("经典", "Classic", "1"),
            ("家庭装", "Family pack", "1.7"),
            ("微辣", "Mild", "1.05"),
            ("手工", "Handmade", "1.3"),
        ),
        "延边工艺，冷链直发，附料包。",
        "Made the Yanbian way, shipped cold, with seasoning.",
    ),
    (
        "knit",
        "socks",
        "sock",
        _SOCK,
        (
            ("精梳棉袜", "Combed cotton socks", 39),
            ("羊毛袜", "Wool socks", 69),
            ("运动袜", "Sports socks", 49),
            ("船袜", "No-show socks", 29),
            ("儿童袜", "Children's socks", 35),
            ("商务袜", "Dress socks", 45),
        ),
        (
            ("素色", "Plain", "1"),
            ("条纹", "Striped", "1.05"),
            ("加厚", "Thick", "1.2"),
            ("抗菌", "Antibacterial", "1.25"),
            ("无骨缝合", "Seamless toe", "1.3"),
        ),
        "辽源织造，每双可追溯到机台。",
        "Knitted in Liaoyuan; each pair traces back to its machine.",
    ),
    (
        "knit",
        "winter",
        "knit",
        _WEAR,
        (
            ("羊绒围巾", "Cashmere scarf", 299),
            ("毛线帽", "Knitted hat", 79),
            ("保暖内衣", "Thermal set", 189),
            ("羊毛手套", "Wool gloves", 69),
            ("针织开衫", "Knitted cardigan", 329),
        ),
        (
            ("雪白", "Snow white", "1"),
            ("松绿", "Pine green", "1"),
            ("炭灰", "Charcoal", "1"),
            ("枫红", "Maple red", "1"),
            ("驼色", "Camel", "1.05"),
            ("藏青", "Navy", "1"),
            ("双层", "Double-layer", "1.3"),
        ),
        "零下三十度也够用的厚度，可机洗。",
        "Thick enough for thirty below; machine-washable.",
    ),
)
# Corn by the tonne for the wholesale platform: zh, en, yuan per tonne.
CORN_SHOP = Shop("coop", "公主岭玉米合作社", "Gongzhuling Corn Cooperative", "corn@example.com")
# Light and bulky: 900 g that count as 5,834 g where a tariff has 6,000 cm³ to the kilogram.
PILLOW = Goods(
    shop="knit",
    category="winter",
    motif="knit",
    sku="WIN-PILLOW",
    zh="鹅绒枕 雪白",
    en="Goose down pillow, snow white",
    about_zh="九成白鹅绒，蓬松回弹；不压缩装箱。",
    about_en="Nine tenths white goose down; packed without squeezing.",
    packs=(("48×74 厘米", "48 × 74 cm", Decimal("399.0"), 900),),
    sides=(500, 350, 200),
)
# Who buys it: the other party of the demo's contract.
FEED_MILL = Shop("mill", "长春金牧饲料有限公司", "Changchun Jinmu Feed Mill", "feed@example.com")


def retail_goods(count: int = 200) -> Iterator[Goods]:
    """The retail platform's products, always in the same order with the same numbers."""
    return islice(_all_goods(), count)


def _all_goods() -> Iterator[Goods]:
    for shop, category, motif, packs, kinds, editions, about_zh, about_en in _LINES:
        for k, (zh, en, yuan) in enumerate(kinds):
            for e, (edition_zh, edition_en, factor) in enumerate(editions):
                base = Decimal(yuan) * Decimal(factor)
                yield Goods(
                    shop=shop,
                    category=category,
                    motif=motif,
                    sku=f"{category[:3].upper()}-{k + 1:02d}{e + 1:02d}",
                    zh=f"{zh} {edition_zh}",
                    en=f"{en}, {edition_en.lower()}",
                    about_zh=about_zh,
                    about_en=about_en,
                    packs=tuple(
                        (p_zh, p_en, (base * Decimal(f)).quantize(Decimal("0.1")), grams)
                        for p_zh, p_en, f, grams in packs
                    ),
                )
