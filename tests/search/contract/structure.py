"""Cases of everything but words: filters, facets, order, paging, sight, pins, bad input."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from search.contracts import (
    BoostRule,
    Facet,
    Filter,
    HistogramFacet,
    Query,
    Range,
    RangeFacet,
    Sort,
    Terms,
    TermsFacet,
    TreeFacet,
    Weights,
)
from search.errors import (
    BadCursor,
    BadPage,
    QueryTooLong,
    TooDeep,
    TooManyFilters,
    UnknownRef,
    WrongValue,
)
from tests.search.contract.cases import Case
from tests.search.contract.catalogue import P1, P2

FLAT = Weights(signals={"in_stock": 0.0, "sales": 0.0, "rating": 0.0})
ACME = ("*", "contract:acme")
CORN_PATH = Terms("category", ("grain/corn",))


def filtered(name: str, *filters: Filter, text: str = "", **expected: object) -> Case:
    query = Query(text=text, filters=filters, size=50)
    return Case(f"filter {name}", query, **expected)  # type: ignore[arg-type]


def same(*ids: str) -> frozenset[str]:
    return frozenset(ids)


FILTERS = (
    filtered("brand", Terms("brand", ("金穗",)), same=same("c3", "c4", "r2")),
    filtered("any of two brands", Terms("brand", ("五常", "福临门")), same=same("r1", "c5")),
    filtered("two filters", Terms("brand", ("金穗",)), CORN_PATH, same=same("c3")),
    filtered("not a brand", Terms("brand", ("金穗",), exclude=True), CORN_PATH,
             same=same("c1", "c2")),
    filtered("category takes in what is below", Terms("category", ("grain",)),
             same=same("c1", "c2", "c3", "r1", "r2", "r3")),
    filtered("category as told", Terms("category", ("grain/rice",)), same=same("r1", "r2", "r3")),
    filtered("half a category's name is none", Terms("category", ("gra",)), total=0),
    filtered("merchant", Terms("merchant", ("mer_3",)), same=same("c4", "c5", "r2")),
    filtered("stock", Terms("stock", ("sold_out",)), same=same("c3")),
    filtered("region", Terms("region", ("CN-JL",)), same=same("c1", "c3")),
    filtered("sku as it is written", Terms("sku", ("SHELL-220",)), same=same("c6")),
    filtered("attribute", Terms("attributes.grade", ("二等",)), same=same("c1")),
    filtered("attribute, two values", Terms("attributes.grade", ("二等", "三等")),
             same=same("c1", "c3")),
    filtered("attribute as a number", Terms("attributes.moisture", (14,)), same=same("c1")),
    filtered("attribute as a decimal", Terms("attributes.moisture", (Decimal("14.5"),)),
             same=same("c3")),
    filtered("attribute range", Range("attributes.moisture", 13, 14), same=same("c1", "c2")),
    filtered("attribute at most", Range("attributes.moisture", high=13.9), same=same("c2")),
    filtered("attribute at least", Range("attributes.density", low=690), same=same("c1", "c2")),
    filtered("attribute range in another unit", Range("attributes.weight", 4, 20, "KGM"),
             same=same("r1", "r2")),
    filtered("attribute range in tonnes", Range("attributes.weight", 1, None, "TNE"),
             same=same("r3")),
    filtered("attribute range in grams", Range("attributes.weight", 5000, 10000, "GRM"),
             same=same("r1", "r2")),
    filtered("attribute that nothing has", Terms("attributes.colour", ("red",)), total=0),
    filtered("range of an attribute that nothing has", Range("attributes.colour", 1), total=0),
    filtered("price", Range("prices.0", 300, 450), same=same("h1", "h3", "h5")),
    filtered("price without slot is slot 0", Range("prices", 300, 450),
             same=same("h1", "h3", "h5")),
    filtered("price of another slot", Range("prices.1", 1, None), same=same("c1")),
    filtered("price as terms", Terms("prices.0", (890,)), same=same("c4")),
    filtered("rating", Range("rating", 4.1), same=same("c1", "c2", "r1")),
    filtered("published", Range("published_at", datetime(2026, 3, 9, tzinfo=UTC)),
             same=same("r3", "m1", "m2")),
    filtered("with words", CORN_PATH, text="玉米", same=same("c1", "c2", "c3")),
    filtered("no value at all", Terms("brand", ()), total=0),
    filtered("a value with quotes and stars", Terms("brand", ('a" OR id:* --',)), total=0),
    filtered("a lone surrogate", Terms("brand", ("\ud800",)), total=0),
)  # fmt: skip


def counted(name: str, facet: Facet, *filters: Filter, text: str = "", **expected: object) -> Case:
    query = Query(text=text, filters=filters, facets=(facet,), weights=FLAT)
    buckets: Any = expected.pop("buckets")
    return Case(f"facet {name}", query, facets={facet.ref: buckets}, **expected)  # type: ignore[arg-type]


_GRADES = (("一等", 1), ("三等", 1), ("二等", 1))
FACETS = (
    counted("brands", TermsFacet("brand"),
            buckets=(("金穗", 3), ("北大荒", 2), ("五常", 1), ("福临门", 1))),
    counted("the commonest", TermsFacet("brand", 2), buckets=(("金穗", 3), ("北大荒", 2))),
    counted("ties by value", TermsFacet("brand", 3),
            buckets=(("金穗", 3), ("北大荒", 2), ("五常", 1))),
    counted("of the found", TermsFacet("brand"), CORN_PATH, buckets=(("北大荒", 2), ("金穗", 1))),
    counted("keeps siblings", TermsFacet("brand"), Terms("brand", ("五常",)), total=1,
            buckets=(("金穗", 3), ("北大荒", 2), ("五常", 1), ("福临门", 1))),
    counted("keeps a chosen value beyond its size", TermsFacet("brand", 1),
            Terms("brand", ("五常",)), buckets=(("金穗", 3), ("五常", 1))),
    counted("conjunctive", TermsFacet("brand", disjunctive=False), Terms("brand", ("五常",)),
            buckets=(("五常", 1),)),
    counted("with words", TermsFacet("brand"), text="罐头", buckets=(("金穗", 1),)),
    counted("stock", TermsFacet("stock"), CORN_PATH, buckets=(("in_stock", 2), ("sold_out", 1))),
    counted("attribute", TermsFacet("attributes.grade"), buckets=_GRADES),
    counted("attribute keeps siblings", TermsFacet("attributes.grade"),
            Terms("attributes.grade", ("二等",)), total=1, buckets=_GRADES),
    counted("attribute under another filter", TermsFacet("attributes.grade"),
            Terms("brand", ("北大荒",)), buckets=(("一等", 1), ("二等", 1))),
    counted("attribute of numbers", TermsFacet("attributes.moisture"),
            buckets=(("13", 1), ("14", 1), ("14.5", 1))),
    counted("attribute that nothing has", TermsFacet("attributes.colour"), buckets=()),
    counted("price ranges", RangeFacet("prices.0", ((None, 1000), (1000, 5000), (5000, None))),
            Terms("category", ("hardware",)),
            buckets=(("-1000", 5), ("1000-5000", 6), ("5000-", 2))),
    counted("ranges that overlap",
            RangeFacet("prices.0", ((300, 500), (400, 600), (None, None))),
            Terms("category", ("hardware",)),
            buckets=(("300-500", 3), ("400-600", 2), ("-", 13))),
    counted("a high bound isn't in its range", RangeFacet("prices.0", ((320, 450),)),
            Terms("category", ("hardware",)), buckets=(("320-450", 2),)),
    counted("ranges keep siblings", RangeFacet("prices.0", ((None, 1000), (1000, None))),
            Terms("category", ("food",)), Range("prices.0", None, 1000), total=1,
            buckets=(("-1000", 1), ("1000-", 1))),
    counted("attribute ranges", RangeFacet("attributes.moisture", ((13, 14), (14, 15))),
            buckets=(("13-14", 1), ("14-15", 2))),
    counted("attribute steps", HistogramFacet("attributes.density", 50),
            buckets=(("650", 2), ("700", 1))),
    counted("steps of a fraction", HistogramFacet("attributes.moisture", 0.5),
            buckets=(("13", 1), ("14", 1), ("14.5", 1))),
    counted("steps", HistogramFacet("rating", 1), Terms("category", ("grain",)),
            buckets=(("3", 1), ("4", 3))),
    counted("roots", TreeFacet("category"),
            buckets=(("samples", 30), ("hardware", 14), ("grain", 6), ("machines", 3),
                     ("food", 2))),
    counted("below a root", TreeFacet("category", "grain"),
            buckets=(("grain/corn", 3), ("grain/rice", 3))),
    counted("two levels", TreeFacet("category", depth=2), Terms("brand", ("金穗",)),
            buckets=(("grain", 2), ("food", 1), ("food/canned", 1), ("grain/corn", 1),
                     ("grain/rice", 1))),
    counted("tree keeps siblings", TreeFacet("category", "grain"), CORN_PATH, total=3,
            buckets=(("grain/corn", 3), ("grain/rice", 3))),
    counted("nothing private is counted", TermsFacet("brand", 50), CORN_PATH,
            buckets=(("北大荒", 2), ("金穗", 1))),
    counted("nothing of another platform is counted", TermsFacet("brand"), platform=P2,
            buckets=(("别家", 1),)),
)  # fmt: skip


def ordered(name: str, sort: Sort, *filters: Filter, text: str = "", **expected: object) -> Case:
    query = Query(text=text, filters=filters, sort=sort, size=50)
    return Case(f"sort {name}", query, **expected)  # type: ignore[arg-type]


GRAIN = Terms("category", ("grain",))
HARD = Terms("category", ("hardware",))
SAMPLES = Terms("category", ("samples",))
S = tuple(f"s{number:02}" for number in range(30))
BY_PRICE = (*S[0::3], *S[1::3], *S[2::3])
ORDER = (
    ordered("price", Sort("prices.0"), GRAIN, ids=("r2", "r1", "c3", "c1", "c2", "r3")),
    ordered("price down", Sort("prices.0", True), GRAIN,
            ids=("r3", "c2", "c1", "c3", "r1", "r2")),
    ordered("no price comes last", Sort("prices.0"), HARD, first=("h3", "h5", "h1"),
            ids=("h3", "h5", "h1", "h4", "h6", "h2", "h11", "h8", "v1-red", "v1-blue", "h10",
                 "v2-red", "h7", "h9")),
    ordered("no price comes last downwards too", Sort("prices.0", True), HARD,
            ids=("h7", "v2-red", "h10", "v1-blue", "v1-red", "h8", "h11", "h2", "h6", "h4", "h1",
                 "h5", "h3", "h9")),
    ordered("another slot", Sort("prices.1"), GRAIN,
            ids=("c1", "c2", "c3", "r1", "r2", "r3")),
    ordered("sales", Sort("sales", True), GRAIN, ids=("c1", "c2", "r1", "c3", "r2", "r3")),
    ordered("rating", Sort("rating", True), GRAIN, ids=("r1", "c1", "c2", "c3", "r2", "r3")),
    ordered("newest", Sort("published_at", True), GRAIN,
            ids=("r3", "r2", "r1", "c3", "c2", "c1")),
    ordered("oldest", Sort("published_at"), GRAIN, ids=("c1", "c2", "c3", "r1", "r2", "r3")),
    ordered("equal values by id", Sort("prices.0"), SAMPLES, ids=BY_PRICE),
    ordered("all words before some", Sort("prices.0"), GRAIN, text="黄玉米",
            first=("c1", "c2", "r2")),
    Case("equal scores by id", Query(text="分页样品", size=30, weights=FLAT), ids=S, full=30),
    Case("everything equal by id", Query(filters=(SAMPLES,), size=30, weights=FLAT), ids=S),
    Case("no words: what stands well comes first", Query(filters=(GRAIN,)), first=("c1",)),
    Case("page 2", Query(text="分页样品", size=10, page=2, weights=FLAT), ids=S[10:20], full=30),
    Case("page 3 by price",
         Query(filters=(SAMPLES,), size=7, page=3, sort=Sort("prices.0")), ids=BY_PRICE[14:21]),
    Case("a page beyond the end", Query(text="分页样品", size=10, page=9), ids=(), full=30),
    Case("one by one", Query(filters=(SAMPLES,), size=1, page=17, weights=FLAT), ids=(S[16],)),
)  # fmt: skip

GROUPS = (
    Case("group by product", Query(text="保温", group="product", weights=FLAT), total=3, groups=2,
         same=same("v1-blue", "v2-red")),
    Case("group by merchant", Query(text="玉米", group="merchant", filters=(GRAIN,),
         sort=Sort("prices.0")), ids=("c3", "c1", "r2", "r3"), groups=4, total=6),
    Case("groups are paged", Query(filters=(SAMPLES,), group="merchant", size=3, page=2,
         weights=FLAT), ids=("s03",), groups=4, total=30),
    Case("groups of a group's facet", Query(filters=(SAMPLES,), group="merchant",
         facets=(TermsFacet("merchant"),)),
         facets={"merchant": (("mer_s0", 8), ("mer_s1", 8), ("mer_s2", 7), ("mer_s3", 7))}),
)  # fmt: skip

SIGHT = (
    Case("a private catalogue isn't seen", Query(text="钻石玉米"), lacks=("x1", "x2")),
    Case("who has the key sees it", Query(text="钻石玉米", visible_to=ACME), first=("x1",)),
    Case("a group's key", Query(text="玉米糁", visible_to=("*", "group:vip")), first=("x2",),
         lacks=("x1",)),
    Case("private alone", Query(visible_to=("contract:acme",)), same=same("x1", "x2")),
    Case("private brands aren't counted", Query(text="玉米", facets=(TermsFacet("brand"),),
         filters=(CORN_PATH,)), facets={"brand": (("北大荒", 2), ("金穗", 1))}),
    Case("private brands are for who may see", Query(visible_to=("contract:acme",),
         facets=(TermsFacet("brand"),)), facets={"brand": (("会员牌", 1), ("私享", 1))}),
    Case("a key that nobody gave", Query(visible_to=("contract:other",)), total=0),
    Case("a key with quotes", Query(visible_to=('x" OR *',)), total=0),
    Case("another platform's documents", Query(text="玉米"), platform=P2, ids=("z1",)),
    Case("another platform's aren't here", Query(text="quixotic"), lacks=("z1",), total=0),
    Case("a pin of another platform", Query(text="玉米", pins=("z1", "x1")), lacks=("z1", "x1")),
    Case("a filter on ids of another platform", Query(filters=(Terms("merchant", ("mer_9",)),)),
         total=0),
    Case("an unknown platform", Query(), platform="platform-three", total=0, ids=()),
    Case("a withdrawn product", Query(text="罐头", excluded=(("id", ("c4",)),)), total=0),
    Case("a suspended merchant", Query(filters=(GRAIN,),
         excluded=(("merchant", ("mer_2", "mer_4")),)), same=same("c1", "r2")),
    Case("withdrawn ones aren't counted", Query(excluded=(("id", ("c1", "c2")),),
         facets=(TermsFacet("brand"),)),
         facets={"brand": (("金穗", 3), ("五常", 1), ("福临门", 1))}),
    Case("a pinned product that is withdrawn", Query(text="玉米", pins=("c5",),
         excluded=(("id", ("c5",)),)), lacks=("c5",)),
    Case("a late write changes nothing", Query(text="Outdated"), total=0),
    Case("a deleted document stays deleted", Query(text="Doomed"), lacks=("d1", "d2"), total=0),
    Case("an old deletion changes nothing", Query(text="Dried yellow"), first=("c2",)),
)  # fmt: skip

_SEEDS = Terms("brand", ("福临门",))
MERCHANDISING = (
    Case("pins come first in their order", Query(text="玉米", pins=("c5", "c3")),
         first=("c5", "c3"), full=6),
    Case("a pin that doesn't match", Query(text="罐头", pins=("h5",)), ids=("h5", "c4"), total=2),
    Case("a pin obeys filters", Query(text="玉米", pins=("c5",), filters=(CORN_PATH,)),
         lacks=("c5",), total=3),
    Case("pins leave a field's order alone", Query(filters=(GRAIN,), pins=("r3",),
         sort=Sort("prices.0")), first=("r2",)),
    Case("an unknown pin", Query(text="罐头", pins=("nothing",)), ids=("c4",)),
    Case("buried", Query(text="黄玉米", buries=("c2", "c1"), filters=(CORN_PATH,)),
         ids=("c3", "c2", "c1")),
    Case("buried stays found", Query(text="罐头", buries=("c4",)), ids=("c4",), total=1),
    Case("boosted", Query(text="玉米", boosts=(BoostRule((_SEEDS,), 50.0),)), first=("c5",)),
    Case("boosted down", Query(text="玉米罐头", filters=(Terms("category", ("food",)),),
         boosts=(BoostRule((Terms("brand", ("金穗",)),), -500.0),)), ids=("c5", "c4")),
    Case("a boost for a range", Query(filters=(GRAIN,), weights=FLAT,
         boosts=(BoostRule((Range("attributes.moisture", high=13.5),), 5.0),)), first=("c2",)),
    Case("a boost of several filters", Query(filters=(GRAIN,), weights=FLAT, boosts=(
         BoostRule((Terms("brand", ("金穗",)), Terms("category", ("grain/rice",))), 5.0),)),
         first=("r2",)),
    Case("a signal's weight", Query(filters=(GRAIN,), weights=Weights(
         signals={"sales": 0.0, "rating": 9.0, "in_stock": 0.0})), first=("c1", "r1")),
)  # fmt: skip

INJECTIONS = (
    "玉米 AND id:*", "* OR 1=1", 'title:"x" OR platform:*', "corn~2^9 +(", "[* TO *]", "\\", '"',
    "{\"match_all\":{}}", "/.*/", "corn' OR ''='", "<script>alert(1)</script>", "%00", "NOT", "||",
)  # fmt: skip
BAD = (
    Case("bad 10 kB of text", Query(text="玉" * 10_240), problem=QueryTooLong),
    Case("bad only punctuation", Query(text="!?,.;:()[]"), total=0),
    Case("bad only blanks", Query(text="   \t "), platform=P2, total=1),
    Case("bad control characters", Query(text="\x00\x01玉米\x1f"), full=6),
    Case("bad emoji", Query(text="🌽🌽"), total=0),
    Case("bad emoji and a word", Query(text="🌽 罐头 🌽"), ids=("c4",)),
    Case("bad lone surrogates", Query(text="\ud800罐头\udfff"), ids=("c4",)),
    Case("bad only a lone surrogate", Query(text="\udc00"), total=0),
    Case("bad right-to-left marks", Query(text="\u202e罐头\u200f"), ids=("c4",)),
    Case("bad combining marks", Query(text="h" + "\u0301" * 400), total=0),
    *(Case(f"bad injection {text!r}", Query(text=text), lacks=("x1", "z1")) for text in INJECTIONS),
    Case("bad many words", Query(text=" ".join(f"w{n}" for n in range(150))[:500]), lacks=("x1",)),
    Case("bad 10,000 filters", Query(filters=(Terms("brand", ("a",)),) * 10_000),
         problem=TooManyFilters),
    Case("bad 10,000 values", Query(filters=(Terms("brand", ("a",) * 10_000),)),
         problem=TooManyFilters),
    Case("bad many facets", Query(facets=(TermsFacet("brand"),) * 1_000), problem=TooManyFilters),
    Case("bad unknown facet", Query(facets=(TermsFacet("nothing"),)), problem=UnknownRef),
    Case("bad facet of text", Query(facets=(TermsFacet("title"),)), problem=UnknownRef),
    Case("bad facet of a system field", Query(facets=(TermsFacet("visible_to"),)),
         problem=UnknownRef),
    Case("bad unknown filter", Query(filters=(Terms("platform", (P1,)),)), problem=UnknownRef),
    Case("bad attribute code", Query(filters=(Terms("attributes.a b*", ("x",)),)),
         problem=UnknownRef),
    Case("bad no attribute code", Query(filters=(Terms("attributes", ("x",)),)),
         problem=UnknownRef),
    Case("bad price slot", Query(filters=(Range("prices.16", 1),)), problem=UnknownRef),
    Case("bad range of a keyword", Query(filters=(Range("brand", 1, 2),)), problem=WrongValue),
    Case("bad range upside down", Query(filters=(Range("rating", 5, 1),)), problem=WrongValue),
    Case("bad range without ends", Query(filters=(Range("rating"),)), problem=WrongValue),
    Case("bad not a number", Query(filters=(Range("rating", float("nan")),)), problem=WrongValue),
    Case("bad infinity", Query(filters=(Range("rating", float("inf")),)), problem=WrongValue),
    Case("bad word as a price", Query(filters=(Terms("prices.0", ("cheap",)),)),
         problem=WrongValue),
    Case("bad unit", Query(filters=(Range("attributes.weight", "heavy", None, "KGM"),)),  # type: ignore[arg-type]
         problem=WrongValue),
    Case("bad steps of a keyword", Query(facets=(HistogramFacet("brand", 1),)),
         problem=WrongValue),
    Case("bad step", Query(facets=(HistogramFacet("rating", 0),)), problem=WrongValue),
    Case("bad tree of a keyword", Query(facets=(TreeFacet("brand"),)), problem=WrongValue),
    Case("bad tree with a pattern", Query(facets=(TreeFacet("category", "gr.*"),)),
         facets={"category": ()}),
    Case("bad unknown sort", Query(sort=Sort("nothing")), problem=UnknownRef),
    Case("bad sort by what can't be", Query(sort=Sort("brand")), problem=UnknownRef),
    Case("bad group", Query(group="brand"), problem=UnknownRef),
    Case("bad page 0", Query(page=0), problem=BadPage),
    Case("bad negative page", Query(page=-3), problem=BadPage),
    Case("bad size 0", Query(size=0), problem=BadPage),
    Case("bad size", Query(size=101), problem=BadPage),
    Case("bad depth", Query(size=100, page=11), problem=TooDeep),
    Case("bad enormous page", Query(page=10**18), problem=TooDeep),
    Case("bad cursor", Query(cursor="%%%"), problem=BadCursor),
    Case("bad cursor of other characters", Query(cursor="玉米"), problem=BadCursor),
    Case("bad cursor of another shape", Query(cursor="e30"), problem=BadCursor),
    Case("bad long cursor", Query(cursor="A" * 10_000), problem=BadCursor),
    Case("bad huge price", Query(filters=(Range("prices.0", 10**30),)), total=0),
)  # fmt: skip
CASES = (*FILTERS, *FACETS, *ORDER, *GROUPS, *SIGHT, *MERCHANDISING, *BAD)
