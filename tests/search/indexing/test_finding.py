"""What a viewer finds: today's prices, nothing withdrawn, nothing of others, and a shop without its
engine that still sells."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from catalog import facade as catalog
from kernel import tenancy
from kernel.actors import GUEST, Actor, acting
from kernel.errors import NotFound, Unavailable
from kernel.ids import public_id, uuid7
from platforms import facade as platforms
from search.building import access
from search.contracts import PUBLIC, Hit, Hits, Range, Terms, TermsFacet
from search.contracts.found import Asked, Found, FoundProduct
from search.errors import UnknownRef
from search.query.highlight import marked_whole
from search.selectors import queries, withdrawn
from search.services import engines, offering, queryjobs, querylog, related, search
from tests.factories.catalog import make_category, make_product
from tests.factories.marketplace import make_goods, set_price
from tests.factories.platforms import make_merchant, make_person, make_platform
from tests.factories.price_lists import make_buyer_group, make_price_list
from tests.search.indexing.memory import MemoryEngine

Settle = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)
MEMBER = Actor(kind="buyer", id=uuid7(), person_id=uuid7())


@pytest.fixture(autouse=True)
def here(engine: MemoryEngine) -> Iterator[None]:
    engines.use(engine)
    withdrawn.forget()
    yield
    engines.use(None)
    withdrawn.forget()


@pytest.fixture
def contract(town: Any) -> Iterator[set[UUID]]:
    """A contract catalogue: what is in it, only members see; members pay group prices."""
    private: set[UUID] = set()

    def membership(actor: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return (("catalogue:7",), ("wholesale",)) if actor is MEMBER else ((), ())

    access.register_access(
        catalogues=lambda ids: {one: ("catalogue:7",) for one in ids if one in private},
        membership=membership,
    )
    platforms.change_settings(settings={"search": {"price_slots": {"wholesale": 3}}})
    yield private
    access.PROVIDERS.prices = access.PROVIDERS.catalogues = access.PROVIDERS.membership = None


def find(**asked: Any) -> Found:
    return search.find(Asked(language="en", **asked))


def product_of(variant: UUID) -> UUID:
    return catalog.variants([variant])[variant].product_id


def ids(found: Found) -> set[UUID]:
    return {one.id for one in found.items if isinstance(one, FoundProduct)}


def test_a_tile_shows_the_price_of_this_moment(town: Any, settled: Settle) -> None:
    variant = make_goods("10", title="Green tea")
    settled()
    set_price(variant, "8.50")
    [item] = find(text="green").items
    assert isinstance(item, FoundProduct)
    assert str(item.listing.lowest) == "8.50"
    assert item.title_html == "Green tea"
    [offered] = search.suggest(text="gre", language="en")
    assert (offered.kind, offered.text) == ("product", "Green tea")
    assert offered.path == item.listing.card.slug


def test_a_withdrawal_acts_before_the_index_knows(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    kept, gone, shut = (make_goods(title=f"Tea {n}") for n in range(3))
    settled()
    assert find().total == 3
    catalog.withdraw_product(product_id=product_of(gone))
    merchant = catalog.variants([shut])[shut].merchant_id
    platforms.suspend_merchant(merchant_id=merchant, reason="papers")
    assert len(engine.live("product", town.id)) == 3  # the index knows nothing of it yet
    found = find()
    assert (found.total, ids(found)) == (1, {product_of(kept)})
    assert [one.id for one in search.suggest(text="tea", language="en")] == [
        public_id("prd", product_of(kept))
    ]
    merchants = find(doc_type="merchant").items
    assert public_id("mer", merchant) not in {one.id for one in merchants}
    settled()
    assert find().total == 1


def test_another_platform_finds_nothing_of_it(town: Any, settled: Settle) -> None:
    make_goods(title="Tea")
    other = make_platform()
    settled(town, other)
    with tenancy.scope(other):
        assert find(text="tea").items == ()
        assert search.suggest(text="tea", language="en") == ()
    assert find(text="tea").total == 1


def test_private_catalogues_are_seen_by_members_alone(
    town: Any, settled: Settle, contract: set[UUID]
) -> None:
    public, secret = (product_of(make_goods(title=f"Tea {n}")) for n in range(2))
    contract.add(secret)
    settled()
    with acting(GUEST):
        assert (find().total, ids(find())) == (1, {public})
        assert [one.id for one in search.suggest(text="tea", language="en")] == [
            public_id("prd", public)
        ]
    with acting(MEMBER):
        assert ids(find()) == {public, secret}
        assert find(sort="price").notices == ("default_prices",)
    # The right is lost, or the product moved into a catalogue, before the index knows.
    contract.add(public)
    with acting(GUEST):
        assert ids(find()) == set()
        assert search.suggest(text="tea", language="en") == ()


def test_nobody_reads_prices_of_another_group(
    town: Any, engine: MemoryEngine, settled: Settle, contract: set[UUID]
) -> None:
    settled()
    for wrong in (
        {"filters": (Range("prices.3", 0, 100),)},
        {"facets": (TermsFacet("prices.3"),)},
        {"filters": (Terms("prices.0", (1,)),)},
    ):
        with acting(GUEST), pytest.raises(UnknownRef):
            find(**wrong)
    with acting(GUEST):
        find(sort="-price", filters=(Range("prices", 0, 100),))
    with acting(MEMBER):
        find(sort="-price", filters=(Range("prices", 0, 100),), facets=(TermsFacet("prices"),))
    guest, member = engine.asked[-2:]
    assert (guest.sort.ref, guest.filters[0].ref, guest.visible_to) == (
        "prices", "prices", (PUBLIC,),
    )  # fmt: skip
    assert (member.sort.ref, member.filters[0].ref, member.facets[0].ref) == ("prices.3",) * 3
    assert member.visible_to == (PUBLIC, "catalogue:7")


def test_who_pays_prices_of_a_list_is_told_what_is_sorted_by(town: Any, settled: Settle) -> None:
    """The index has public prices; a member of a merchant's group of buyers sees their own."""
    tea = make_goods("20", title="Tea")
    merchant = catalog.variants([tea])[tea].merchant_id
    buyers = make_person().id, make_person().id
    member, other = (Actor(kind="buyer", id=one, person_id=one) for one in buyers)
    make_price_list(make_buyer_group(merchant, buyers[0]), prices={tea: "15"})
    settled()
    with acting(member):
        [item] = find(sort="price").items
        assert isinstance(item, FoundProduct)
        assert str(item.listing.lowest) == "15.00"
        assert find(sort="-price").notices == ("default_prices",)
        assert find(filters=(Range("prices", 0, 100),)).notices == ("default_prices",)
        assert find(text="tea").notices == ()
    for who in (GUEST, other):
        with acting(who):
            assert find(sort="price").notices == ()


def test_words_of_members_are_shown_to_nobody(
    town: Any, settled: Settle, contract: set[UUID]
) -> None:
    """Popular queries, related ones and proposals are everybody's: they would name what is in a
    private catalogue."""
    querylog.forget()
    for visit in range(9):
        with acting(MEMBER):
            querylog.note_search(text="secret corn", total=1, visit=str(visit), before="corn")
            querylog.note_click(text="secret corn", visit=str(visit))
        with acting(GUEST):
            querylog.note_search(text="tea", total=1, visit=str(visit))
    querylog.flush()
    queryjobs.refresh_popular()
    offering.forget()
    assert [one.text for one in offering.offer(text="", language="en")] == ["tea"]
    assert offering.offer(text="sec", language="en") == ()
    assert related.related(text="corn") == []
    assert queries.proposals() == []


def test_without_an_engine_the_shop_is_browsed(
    town: Any, engine: MemoryEngine, settled: Settle, contract: set[UUID]
) -> None:
    shop, category = make_merchant(), make_category(slug="grain")
    mine = [
        make_product(merchant_id=shop.id, category_id=category.id, title=f"Corn {n}").id
        for n in range(5)
    ]
    other = make_product(title="Tea").id
    secret = make_product(title="Secret corn").id
    contract.add(secret)
    settled()
    engine.down = True
    with acting(GUEST):
        first = find(size=5)
        assert first.degraded
        assert (ids(first), first.currency) == ({*mine[2:], other}, "CNY")
        assert ids(find(size=5, cursor=first.cursor)) == set(mine[:2])
        assert ids(find(size=5, page=2)) == set(mine[:2])
        assert ids(find(size=5, page=9)) == set()
        assert ids(find(filters=(Terms("category", ("grain",)),))) == set(mine)
        assert ids(find(filters=(Terms("merchant", (shop.public_id,)),), text="corn")) == set(mine)
        assert find(filters=(Terms("category", ("no-such",)),)).items == ()
        assert find(filters=(Terms("brand", ("x",)),)).notices == ("filters_left_out",)
        assert find(cursor="of-the-engine", size=100).total == 6
        assert search.suggest(text="corn", language="en") == ()
        with pytest.raises(Unavailable):
            find(doc_type="merchant")
    with acting(MEMBER):
        assert secret in ids(find(size=20))
    engine.down = False
    assert not find().degraded


def test_no_index_yet_is_browsed_too(town: Any) -> None:
    product = make_product().id
    found = find()
    assert found.degraded
    assert ids(found) == {product}


def test_a_title_that_changed_since_is_shown_as_it_is_and_safe(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    product = make_product(titles={"zh-Hans": "茶", "en": "<b>Tea</b> & more"}).id
    settled()
    hits = Hits(1, (Hit(public_id("prd", product), 1.0),), marks=frozenset({"tea"}))
    tile = search._hydrated(hits, catalog.cards([product], language="en"))
    assert tile[0].title_html == "&lt;b&gt;<mark>Tea</mark>&lt;/b&gt; &amp; more"
    catalog.update_product(product_id=product, changes={"titles": {"zh-Hans": "茶", "en": "<i>"}})
    [item] = find().items
    assert isinstance(item, FoundProduct)
    assert item.title_html == "&lt;i&gt;"


def test_a_title_is_marked_whole_and_as_it_is_written() -> None:
    long = f"Tea {'x' * 300} & tea"
    marked = f"<mark>Tea</mark> {'x' * 300} &amp; <mark>tea</mark>"
    assert marked_whole(long, frozenset({"tea"})) == marked
    assert marked_whole("½ tea & more", frozenset({"tea"})) == "½ tea &amp; more"


def test_what_the_database_knows_better_isn_t_read_from_the_index(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    make_product()
    settled()
    find()
    find(doc_type="merchant")
    assert [one.bare for one in engine.asked[-2:]] == [True, False]


def test_the_engine_is_asked_again_only_where_something_was_withdrawn_since(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    stays, goes = make_product(), make_product()
    settled()
    find()
    engine.asked.clear()
    assert ids(find()) == {stays.id, goes.id}
    assert len(engine.asked) == 1
    catalog.withdraw_product(product_id=goes.id)
    for asked in (3, 4):  # the second time it is known
        found = find()
        assert (ids(found), found.total, len(engine.asked)) == ({stays.id}, 1, asked)
    catalog.publish_product(product_id=goes.id)
    assert ids(find()) == {stays.id, goes.id}
    assert len(engine.asked) == 6


def test_the_look_back_is_bounded_by_how_far_the_index_came(town: Any, settled: Settle) -> None:
    assert withdrawn.excluded("product") == ()
    gone = make_product()
    catalog.withdraw_product(product_id=gone.id)
    assert withdrawn.excluded("product") == (("id", (public_id("prd", gone.id),)),)
    with pytest.raises(NotFound):
        catalog.product_page(slug_or_id=gone.slug)
