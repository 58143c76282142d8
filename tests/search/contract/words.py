"""Cases of words: Chinese, English, codes, corrections, synonyms, marks, suggestions."""

from search.contracts import Query, SuggestQuery, Synonym, Weights
from tests.search.contract.cases import Case

CORN = frozenset({"c1", "c2", "c3", "c4", "c5", "c6"})


def zh(name: str, text: str, **expected: object) -> Case:
    return Case(f"zh {name}", Query(text=text, language="zh-hans"), **expected)  # type: ignore[arg-type]


def en(name: str, text: str, **expected: object) -> Case:
    return Case(f"en {name}", Query(text=text, language="en"), **expected)  # type: ignore[arg-type]


CHINESE = (
    zh("a word finds all that have it", "玉米", full=6, has=tuple(sorted(CORN))),
    zh("all characters come before some", "黄玉米", first=("c2", "c1"), full=2),
    zh("one character", "油", ids=("c5",), total=1),
    zh("a word inside a word", "烘干", first=("c2",), has=("m2",)),
    zh("two words with a blank", "玉米 罐头", first=("c4",), full=1),
    zh("words in another order", "罐头玉米", first=("c4",), full=1),
    zh("some words still find", "玉米飞船", has=("c1", "c4")),
    zh("traditional characters", "黃玉米", first=("c2", "c1"), full=2),
    zh("traditional words", "東北", first=("c1",), full=1),
    zh("full width letters", "５ｋｇ", first=("r2",)),
    zh("full width digits", "２２０伏", first=("c6",)),
    zh("grade as numeral", "二等", first=("c1",), full=1),
    zh("grade as digit", "2等", first=("c1",), full=1),
    zh("grade and word", "二等玉米", first=("c1",), full=1),
    zh("digit grade and word", "3等玉米", first=("c3",), full=1),
    zh("percent", "14%水分", first=("c1",)),
    zh("percent in words", "百分之十四水分", first=("c1",)),
    zh("a percent with decimals", "14.5%水分", first=("c3",)),
    zh("a tonne in kilograms", "1000公斤", first=("r3",)),
    zh("a tonne", "1吨", first=("r3",)),
    zh("kilograms as kg", "10kg", first=("r1",)),
    zh("jin", "20斤", first=("r1",)),
    zh("kilograms for kg", "5公斤", first=("r2",)),
    zh("litres", "5升", first=("c5",)),
    zh("brand", "北大荒", first=("c1", "c2"), full=2),
    zh("origin", "吉林", full=2, has=("c1", "c3")),
    zh("category names are words", "农机", full=3, has=("c6", "m1", "m2")),
    zh("english words for chinese viewers", "sweet corn", first=("c4",)),
    zh("mixed", "iPhone15 手机壳", first=("h8",), full=1),
    zh("binding words aren't needed", "玉米的罐头", first=("c4",), full=1),
    zh("pinyin whole", "yumi", same=CORN),
    zh("pinyin initials", "ymtlj", first=("c6",), full=1),
    zh("pinyin of a longer word", "yumiguantou", ids=("c4",)),
    zh("pinyin is no correction", "nuomi", ids=("r3",), corrected=""),
    zh("unknown", "龘靐", total=0, ids=()),
)
ENGLISH = (
    en("a word", "sheller", ids=("c6",)),
    en("plural for singular", "drawers pulls", first=("h1",), full=1),
    en("singular for plural", "slide", ids=("h2",)),
    en("ing and ed", "drying", has=("c2",)),
    en("case", "WUCHANG Rice", first=("r1",), full=1),
    en("all words first", "yellow corn", first=("c1",), full=2, has=("c3", "c4")),
    en("never drops", "purple corn", has=("c1", "c4")),
    en("binding words aren't needed", "the case for iphone15", first=("h8",)),
    en("accents", "cafe table", first=("h9",), full=1),
    en("accents typed", "café", ids=("h9",)),
    en("inches", "3 inch drawer pull", first=("h1",), full=1),
    en("inches as a quote", '3" pull', first=("h1",), full=1),
    en("number and unit glued", "5gal bucket", first=("h5",), full=1),
    en("gallon in full", "5 gallon bucket", first=("h5",), full=1),
    en("fraction", "1 1/4 screws", first=("h6",), full=1),
    en("fraction as decimal", "1.25 in screws", first=("h6",), full=1),
    en("dimensions", "2x4", first=("h4",)),
    en("dimensions with blanks", "2 x 4 x 8", first=("h4",)),
    en("feet as inches", "96 in stud", first=("h4",)),
    en("thousands", "8000 btu", ids=("h7",)),
    en("thousands with comma", "8,000 BTU", ids=("h7",)),
    en("compound split", "dry wall screws", first=("h6",), full=1),
    en("compound joined", "airconditioner", ids=("h7",), corrected="air conditioner"),
    en("words joined by case", "deck over", first=("h10",), full=1),
    en("words joined by case, typed as one", "deckover", first=("h10",)),
    en("words joined by a hyphen", "softclose hinge", first=("h3",), full=1),
    en("letters and digits parted", "iphone 15", first=("h8",)),
    en("one letter wrong", "drawar", has=("h1", "h2"), corrected="drawer"),
    en("one letter missing", "bucet", ids=("h5",), corrected="bucket"),
    en("letters swapped", "hnige", ids=("h3",), corrected="hinge"),
    en("two letters wrong", "conditoiner", ids=("h7",), corrected="conditioner"),
    en("correction in company", "cabinet hinje", first=("h3",), corrected="cabinet hinge"),
    en("known words stay", "corn", corrected=""),
    en("three letters aren't corrected", "xyz", total=0, corrected=""),
    en("nothing like it", "qqqqqqqqq", total=0),
    en("chinese words for english viewers", "罐头", ids=("c4",)),
    en("words of labels", "Zanzibar", total=0),
    Case("correction off", Query(text="drawar", correct=False), total=0, corrected=""),
    Case("a word only of private documents isn't offered", Query(text="zanzibat"), total=0,
         corrected=""),
    Case("a word only of another platform isn't offered", Query(text="quixotix"), total=0,
         corrected=""),
    Case("a private word for who may see it",
         Query(text="zanzibat", visible_to=("*", "contract:acme")), ids=("x1",),
         corrected="zanzibar"),
)  # fmt: skip
CODES = (
    en("whole sku", "CORN-2025-A1", first=("c1",)),
    en("whole sku, other case", "corn-2025-a1", first=("c1",)),
    en("whole sku without separators", "CORN2025B2", first=("c2",)),
    en("end of a sku", "2025-B2", first=("c2",)),
    en("digits of a sku", "77003", ids=("c3",)),
    en("middle of a sku", "7700", ids=("c3",)),
    en("beginning of a sku", "OIL-5", first=("c5",)),
    en("barcode", "6901234567892", ids=("c1",)),
    en("end of a barcode", "567892", ids=("c1",)),
    en("sku beside words", "corn CORN-2025-B2", first=("c2",)),
    en("a plain word is no part of a code", "corn", lacks=("d1",), full=6),
    en("sku of a private document", "SECRET-0001", lacks=("x1",)),
    en("sku of another platform", "OTHER-9999", lacks=("z1",)),
)
_MAIZE = (Synonym(("苞米", "玉米")),)
_ONE_WAY = (Synonym(("kitchen",), ("cabinet",)),)
SYNONYMS = (
    Case("synonym unknown to the index", Query(text="苞米", synonyms=_MAIZE), full=6),
    Case("synonym inside a run", Query(text="黄苞米", synonyms=_MAIZE), has=("c1", "c2"), full=2),
    Case("synonym counts as the word", Query(text="苞米罐头", synonyms=_MAIZE), first=("c4",),
         full=1),
    Case("one way", Query(text="kitchen hinge", synonyms=_ONE_WAY), first=("h3",), full=1),
    Case("not the other way", Query(text="cabinet", synonyms=_ONE_WAY), ids=("h3",)),
    Case("english phrase", Query(text="pail", synonyms=(Synonym(("pail", "orange bucket")),)),
         ids=("h5",)),
    Case("plural of a synonym", Query(text="pails", synonyms=(Synonym(("pail", "bucket")),)),
         ids=("h5",)),
    Case("no rule, no match", Query(text="苞谷", synonyms=_MAIZE), lacks=("c1",)),
)  # fmt: skip


def marked(name: str, text: str, language: str, marks: dict[str, str]) -> Case:
    query = Query(text=text, language=language, highlight=("title",))
    return Case(f"marks {name}", query, marks={k: {"title": v} for k, v in marks.items()})


MARKS = (
    marked("chinese", "玉米", "zh-hans", {"c4": "甜<mark>玉米</mark>罐头"}),
    marked("two runs", "玉米 罐头", "zh-hans", {"c4": "甜<mark>玉米罐头</mark>"}),
    marked("traditional", "黃玉米", "zh-hans", {"c2": "一等<mark>黄玉米</mark> 烘干"}),
    marked("stems", "drawers", "en",
           {"h1": "Stainless steel <mark>drawer</mark> pull, 3 in."}),
    marked("correction", "bucet", "en", {"h5": "5-Gal. orange <mark>bucket</mark>"}),
    marked("quantity", "5gal", "en", {"h5": "<mark>5-Gal.</mark> orange bucket"}),
    marked("safe html", "deckover", "en",
           {"h10": "<mark>DeckOver</mark> wood coating &lt;b&gt;&amp;amp; stain&lt;/b&gt;"}),
    marked("accents kept", "cafe", "en", {"h9": "<mark>Café</mark> table with marble top"}),
    marked("nothing to mark", "", "en", {"h5": "5-Gal. orange bucket"}),
    marked("another language if need be", "bucket", "zh-hans",
           {"h5": "5-Gal. orange <mark>bucket</mark>"}),
)  # fmt: skip


def typed(text: str, language: str = "en", **expected: object) -> Case:
    return Case(f"typed {text!r}", SuggestQuery(text, language), **expected)  # type: ignore[arg-type]


SUGGESTIONS = (
    typed("玉", "zh-hans", has=("c4",), words=()),
    typed("玉米", "zh-hans", has=("c4", "c1")),
    typed("甜玉", "zh-hans", ids=("c4",)),
    typed("yum", "zh-hans", has=("c4",)),
    typed("yumi", "zh-hans", has=("c4",)),
    typed("nm", "zh-hans", has=("r3",)),
    typed("draw", has=("h1", "h2"), words=("drawer",)),
    typed("drawer s", same=frozenset({"h1", "h2"})),
    typed("drawer ", has=("h1", "h2"), words=()),
    typed("drwer", has=("h1", "h2")),
    typed("Caf", ids=("h9",), words=("cafe",)),
    typed("zanz", ids=(), words=()),
    typed("quix", ids=(), words=()),
    typed("", ids=(), words=()),
    typed("  !!", ids=(), words=()),
    Case("typed by who may see", SuggestQuery("zanz", visible_to=("*", "contract:acme")),
         ids=("x1",), words=("zanzibar",)),
    Case("typed, a merchant withdrawn",
         SuggestQuery("draw", excluded=(("merchant", ("mer_5",)),)), ids=(), words=()),
    Case("typed, one product withdrawn", SuggestQuery("draw", excluded=(("id", ("h1",)),)),
         ids=("h2",)),
)  # fmt: skip
EXPLAINED = (
    Case("explained words", Query(text="yellow corn", explain=True),
         parts=frozenset({"word", "all_words", "phrase", "signal"})),
    Case("explained code", Query(text="CORN-2025-A1", explain=True), parts=frozenset({"code"})),
    Case("words of a bucket can be switched off",
         Query(text="福临门", weights=Weights(buckets={"words": 0.0})), total=0),
)  # fmt: skip
CASES = (*CHINESE, *ENGLISH, *CODES, *SYNONYMS, *MARKS, *SUGGESTIONS, *EXPLAINED)
