"""Categories: make, change, move, remove. The operator's business."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from catalog import events, locks, selectors
from catalog.contracts import CategoryInfo
from catalog.domain.slugs import slug_from
from catalog.domain.sort_key import sort_key
from catalog.domain.texts import pick
from catalog.errors import CategoryInUse, CategoryLoop, CategoryUnknown
from catalog.models import Category, Product
from catalog.models.category import DEPTH_MAX
from catalog.services.writing import TITLE_LENGTH, check_slug, main_language, save, texts
from kernel import audit, clock, outbox, transactions
from kernel.errors import Invalid
from kernel.ids import public_id, uuid7

TRACKED = ("slug", "path", "position", "names", "external_id", "metadata")


class CategoryChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays."""

    names: Mapping[str, str]
    slug: str
    parent_id: UUID | None
    position: int
    external_id: str | None
    metadata: Mapping[str, Any]


def create_category(
    *,
    names: Mapping[str, str],
    slug: str | None = None,
    parent_id: UUID | None = None,
    position: int = 0,
    external_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> CategoryInfo:
    """A new category. Raises Invalid, CategoryUnknown, SlugTaken, ExternalIdTaken."""
    row = Category(
        id=uuid7(), position=position, external_id=external_id, metadata=dict(metadata or {})
    )
    _name(row, names)
    row.slug = check_slug(slug) if slug else _made_slug(row)
    with transactions.atomic():
        locks.tree()
        _place(row, parent_id)
        save(row, force_insert=True)
        _tell(row, "catalog.category.created", before={})
    return selectors.category(row.id)


def update_category(
    *, category_id: UUID, changes: CategoryChanges, check: Callable[[int], None] | None = None
) -> CategoryInfo:
    """Change what is given; ``check`` gets the locked row's version (If-Match). Moving or
    renaming the slug moves the whole branch."""
    with transactions.atomic():
        locks.tree()
        row = locks.category(category_id)
        if check is not None:
            check(row.version)
        before = {name: getattr(row, name) for name in TRACKED}
        old_path, old_depth = row.path, row.depth
        if "names" in changes:
            _name(row, changes["names"])
        if "slug" in changes:
            row.slug = check_slug(changes["slug"])
        row.position = changes.get("position", row.position)
        row.external_id = changes.get("external_id", row.external_id)
        row.metadata = dict(changes.get("metadata", row.metadata))
        _place(row, changes.get("parent_id", row.parent_id))
        save(row)
        if row.path != old_path:
            _move_branch(row, old_path, old_depth)
        _tell(row, "catalog.category.changed", before=before)
    return selectors.category(category_id)


def move_category(*, category_id: UUID, by: int) -> None:
    """One further up (``by`` -1) or down (1) among those beside it; at the end nothing happens.
    Whoever never ordered them has them by name: they keep that order, but for this one."""
    with transactions.atomic():
        locks.tree()
        row = locks.category(category_id)
        beside = list(
            Category.objects.filter(parent_id=row.parent_id).order_by("position", "name_key", "id")
        )
        place = next(n for n, one in enumerate(beside) if one.id == row.id)
        beside.insert(max(0, place + by), beside.pop(place))
        for position, one in enumerate(beside):
            if one.position != position:
                _put(one, position)


def _put(row: Category, position: int) -> None:
    before, row.position = row.position, position
    save(row)
    audit.record(
        action="catalog.category.moved",
        target=row,
        before={"position": before},
        after={"position": position},
    )
    outbox.append(events.CategoryChanged(category_id=row.id, ordered=True), aggregate=row)


def remove_category(*, category_id: UUID) -> None:
    """Remove an empty category. Raises CategoryInUse."""
    with transactions.atomic():
        locks.tree()
        row = locks.category(category_id)
        used = Product.objects.filter(category_id=category_id).exists()
        if used or Category.objects.filter(parent_id=category_id).exists():
            raise CategoryInUse
        audit.record(
            action="catalog.category.removed",
            target=row,
            before={name: getattr(row, name) for name in TRACKED},
        )
        outbox.append(events.CategoryChanged(category_id=row.id, removed=True), aggregate=row)
        Category.objects.filter(id=category_id).delete()


def _name(row: Category, names: Mapping[str, str]) -> None:
    row.names = texts(names, field="names", longest=TITLE_LENGTH)
    if not row.names.get(main_language()):
        raise Invalid(
            _("A name in the platform's main language is needed."),
            field=f"names.{main_language()}",
        )
    row.name_key = sort_key(pick(row.names, main_language()))


def _made_slug(row: Category) -> str:
    return slug_from(row.names.values(), public_id("cat", row.id)[-5:], otherwise="c")


def _place(row: Category, parent_id: UUID | None) -> None:
    """Set parent, path and depth. Raises CategoryUnknown, CategoryLoop, Invalid when too deep."""
    row.parent_id = parent_id
    if parent_id is None:
        row.path, row.depth = row.slug, 0
        return
    parent = Category.objects.filter(id=parent_id).first()
    if parent is None:
        raise CategoryUnknown(field="parent")
    if parent.id == row.id or (row.path and f"{parent.path}/".startswith(f"{row.path}/")):
        raise CategoryLoop(field="parent")
    row.path, row.depth = f"{parent.path}/{row.slug}", parent.depth + 1
    if row.depth >= DEPTH_MAX or len(row.path) > 500:
        raise Invalid(_("Categories go six deep at most."), field="parent")


def _move_branch(row: Category, old_path: str, old_depth: int) -> None:
    start = f"{old_path}/"
    branch = Category.objects.filter(path__gte=start, path__lt=f"{old_path}0")  # "0" follows "/"
    deeper = row.depth - old_depth
    if branch.filter(depth__gte=DEPTH_MAX - deeper).exists():
        raise Invalid(_("Categories go six deep at most."), field="parent")
    branch.update(
        path=Concat(
            Value(f"{row.path}/"), Substr("path", len(start) + 1), output_field=CharField()
        ),
        depth=F("depth") + Value(deeper, output_field=IntegerField()),
        version=F("version") + 1,
        updated_at=clock.system(),
    )


def _tell(row: Category, action: str, *, before: Mapping[str, Any]) -> None:
    after = {name: getattr(row, name) for name in TRACKED}
    audit.record(action=action, target=row, before=before, after=after)
    outbox.append(events.CategoryChanged(category_id=row.id), aggregate=row)
