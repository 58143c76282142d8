"""A shop's profile (店铺资料): its texts, a wide picture and its sign."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict
from uuid import UUID

from catalog import events, locks, shops
from catalog.contracts import ShopInfo
from catalog.errors import MediaUnknown
from catalog.models import Media, Shop
from catalog.services.writing import TITLE_LENGTH, texts
from kernel import audit, outbox, transactions

ABOUT_LENGTH = 1000
NOTICE_LENGTH = 300
TRACKED = ("abouts", "notices", "banner_id", "banner_alts", "logo_id")


class ShopChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays. Pictures are media of the merchant, None
    takes one away."""

    abouts: Mapping[str, str]
    notices: Mapping[str, str]
    banner_id: UUID | None
    banner_alts: Mapping[str, str]
    logo_id: UUID | None


def change_shop(
    *, merchant_id: UUID, changes: ShopChanges, check: Callable[[int], None] | None = None
) -> ShopInfo:
    """Change what is given; ``check`` gets the version under the lock (If-Match; 0 when nothing
    was written yet). Raises Invalid, MediaUnknown."""
    given = _checked(changes)
    with transactions.atomic():
        locks.shop(merchant_id)
        row = Shop.objects.filter(merchant_id=merchant_id).first() or Shop(merchant_id=merchant_id)
        if check is not None:
            check(row.version)
        before = {name: getattr(row, name) for name in TRACKED}
        for name in ("banner_id", "logo_id"):
            if given.get(name) not in (None, before[name]):
                _check_media(given[name], merchant_id, name.removesuffix("_id"))
        for name, value in given.items():
            setattr(row, name, value)
        after = {name: getattr(row, name) for name in TRACKED}
        if before == after:
            return shops.shop(merchant_id)
        _release(before, after)
        row.save()
        audit.record(action="catalog.shop.changed", target=row, before=before, after=after)
        outbox.append(
            events.ShopChanged(merchant_id=merchant_id), aggregate=row, merchant_id=merchant_id
        )
    return shops.shop(merchant_id)


def _checked(changes: ShopChanges) -> dict[str, Any]:
    longest = {"abouts": ABOUT_LENGTH, "notices": NOTICE_LENGTH, "banner_alts": TITLE_LENGTH}
    given: dict[str, Any] = dict(changes)
    for name, length in longest.items():
        if name in given:
            given[name] = texts(given[name], field=name, longest=length)
    return given


def _check_media(media_id: UUID, merchant_id: UUID, field: str) -> None:
    if not Media.objects.filter(id=media_id, merchant_id=merchant_id).exists():
        raise MediaUnknown(field=field)


def _release(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """What is no longer shown begins its day as an unused upload."""
    kept = {after["banner_id"], after["logo_id"]}
    gone = {before["banner_id"], before["logo_id"]} - kept - {None}
    for media in Media.objects.filter(id__in=gone):
        media.save()
