"""What a column of a list can hold, how it is called in a file, and how that is guessed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalog.facade import SIDES, AttributeInfo
from kernel.units import UNITS
from platforms.facade import in_language

OPTIONS = 5
TEXTS = ("title", "description")
ATTRIBUTE = "attribute"
LABELS: dict[str, str | Promise] = {
    "external_id": _("Your own number"),
    "title": _("Title"),
    "description": _("Description"),
    "category": _("Category"),
    "brand": _("Brand"),
    "unit": _("Unit"),
    "state": _("State"),
    "sku": _("Article number (SKU)"),
    "option_name": _("Option %(n)s, name"),
    "option_value": _("Option %(n)s, value"),
    "weight_grams": _("Weight (g)"),
    "length_mm": _("Packed length (mm)"),
    "width_mm": _("Packed width (mm)"),
    "height_mm": _("Packed height (mm)"),
    "barcode": _("Barcode"),
    "active": _("Offered"),
    "price": _("Price"),
    "stock": _("Stock"),
    "warehouse": _("Warehouse"),
}
# Names that lists of shops and of their programs use, folded as ``fold`` does.
ALIASES: dict[str, str] = {
    "external_id": "externalid ownnumber productid productno productnumber productcode spu spucode "
    "spuid handle 自有编号 商品编号 商品编码 货品编号 产品编号 产品编码 spu编码 款号 商品id",
    "title": "title name productname producttitle 标题 商品名称 商品标题 名称 品名 产品名称 "
    "货品名称",
    "description": "description details body productdescription 描述 商品描述 详情 "
    "商品详情 介绍 说明",
    "category": "category categories categorypath productcategory 类目 分类 商品分类 商品类目 品类",
    "brand": "brand brandname vendor manufacturer 品牌 品牌名称 商标",
    "unit": "unit uom unitofmeasure soldby 单位 计量单位 销售单位",
    "state": "state status published 状态 商品状态 上架状态 是否上架",
    "sku": "sku articlenumber articleno skucode skuid itemno itemnumber variantsku 货号 商品货号 "
    "商家编码 规格编码 规格货号 sku编码 sku编号",
    "option1_name": "optionname 规格名 规格名称 规格类型",
    "option1_value": "option optionvalue variant 规格 规格值 规格型号",
    "weight_grams": "weight weightgrams weightg grams variantgrams 重量 重量克 重量g 毛重 毛重克",
    # Not "length", "长度" or "长 (mm)" alone: those are attributes, of the good and not its box.
    "length_mm": "packedlength packedlengthmm packagelength packagelengthmm 长毫米 长度毫米 包装长 "
    "包装长度 包装长毫米 包装长度毫米 包装长mm",
    "width_mm": "packedwidth packedwidthmm packagewidth packagewidthmm 宽毫米 宽度毫米 包装宽 "
    "包装宽度 包装宽毫米 包装宽度毫米 包装宽mm",
    "height_mm": "packedheight packedheightmm packageheight packageheightmm 高毫米 高度毫米 包装高 "
    "包装高度 包装高毫米 包装高度毫米 包装高mm",
    "barcode": "barcode gtin ean ean13 upc isbn variantbarcode 条码 条形码 商品条码 国际条码",
    "active": "active offered enabled 启用 是否启用 在售规格",
    "price": "price unitprice sellingprice variantprice 价格 售价 单价 销售价 零售价",
    "stock": "stock onhand quantity qty inventory inventoryqty variantinventoryqty 库存 现货 数量 "
    "库存数量 现有库存",
    "warehouse": "warehouse location 仓库 仓库名称 发货仓",
}
_MARKS = {
    "zh": ("zhhans", "zhcn", "zh", "cn", "chinese", "简体中文", "中文", "简体"),
    "en": ("english", "en", "英文", "英语"),
}
_OPTION = re.compile(r"(?:option|variantoption|规格)([1-5])(name|名称|名|value|值|)")


@dataclass(frozen=True)
class Offer:
    """What the platform's lists can hold: texts in its languages, and its attributes by code."""

    locales: tuple[str, ...]
    attributes: Mapping[str, AttributeInfo]


def attribute_of(key: str) -> str:
    """The code of the attribute that the column holds; "" where it holds something else."""
    first, _dot, code = key.partition(".")
    return code if first == ATTRIBUTE else ""


def keys(offer: Offer) -> list[str]:
    """Everything that a column can hold, in the order of an export."""
    texts = [f"{text}.{tag}" for text in TEXTS for tag in offer.locales]
    options = [f"option{n}_{part}" for n in range(1, OPTIONS + 1) for part in ("name", "value")]
    own = ["category", "brand", "unit", "state", "sku"]
    rest = ["weight_grams", *SIDES, "barcode", "active", "price", "stock", "warehouse"]
    attributes = [f"{ATTRIBUTE}.{code}" for code in offer.attributes]
    return ["external_id", *texts, *own, *options, *rest, *attributes]


def label(key: str, offer: Offer) -> str:
    """What a column with this content is called, in the active language."""
    locales = offer.locales
    if code := attribute_of(key):
        return _attribute_label(offer.attributes[code], offer)
    name, _dot, tag = key.partition(".")
    if tag:
        return f"{LABELS[name]} ({tag})" if len(locales) > 1 else str(LABELS[name])
    if name.startswith("option"):
        part = name.partition("_")[2]
        return str(LABELS[f"option_{part}"]) % {"n": name[6]}
    return str(LABELS[name])


def _attribute_label(info: AttributeInfo, offer: Offer) -> str:
    """Its name, with the unit; with its code where another attribute has the same name."""
    language = get_language() or offer.locales[0]
    name = in_language(info.names, language) or info.code
    same = [one for one in offer.attributes.values() if in_language(one.names, language) == name]
    if len(same) > 1:
        name = f"{name} [{info.code}]"
    unit = UNITS.get(info.unit)
    return f"{name} ({unit.symbol})" if unit and unit.symbol else name


def guess(header: Iterable[str], offer: Offer, kept: Mapping[str, str]) -> dict[str, str]:
    """Column name -> key, for those that are recognised: as the merchant had it the last time,
    else by the name in Chinese or English. No key is given twice."""
    return matched(header, kept, _names(offer), keys(offer))


def matched(
    header: Iterable[str], kept: Mapping[str, str], known: Mapping[str, str], all_keys: list[str]
) -> dict[str, str]:
    """``guess`` of a list whose columns can hold ``all_keys``, ``known`` by these folded names."""
    offered, taken = set(all_keys), set()
    found: dict[str, str] = {}
    for name in header:
        folded = fold(name)
        key = kept[folded] if folded in kept else known.get(folded) or _option(folded)
        if key and key in offered and key not in taken:
            found[name] = key
            taken.add(key)
    return found


def fold(name: str) -> str:
    """A column's name without case, width, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _names(offer: Offer) -> dict[str, str]:
    """Every name that is known: our own win over an attribute that is called the same."""
    locales = offer.locales
    found: dict[str, str] = {}
    for code, info in offer.attributes.items():
        for name in (code, *info.names.values()):
            found.setdefault(fold(name), f"{ATTRIBUTE}.{code}")
    for key, aliases in ALIASES.items():
        for alias in aliases.split():
            if key not in TEXTS:
                found[alias] = key
                continue
            found[alias] = f"{key}.{locales[0]}"
            for tag in locales:
                marks = (fold(tag), *_MARKS.get(tag.partition("-")[0].lower(), ()))
                for mark in marks:
                    found[alias + mark] = found[mark + alias] = f"{key}.{tag}"
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for key in keys(offer):
                name = fold(label(key, offer))
                found[name] = found.get(name, key) if attribute_of(key) else key
    return found


def _option(folded: str) -> str | None:
    match = _OPTION.fullmatch(folded)
    if match is None:
        return None
    part = "name" if match[2] in ("name", "名称", "名") else "value"
    return f"option{match[1]}_{part}"
