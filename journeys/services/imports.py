"""Lists of products and prices (商品导入): taken in, their columns told apart, tried, carried out.

A check carries a portion out and takes it back, so that it says exactly what a run would do.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from journeys import events
from journeys.contracts import ImportInfo, ImportKind, ImportState
from journeys.errors import ImportBusy, ImportMappingWrong
from journeys.imports import columns, reading
from journeys.imports.kinds import KINDS
from journeys.models import ImportMapping, ImportProblem, ProductImport
from journeys.services import portions
from kernel import audit, clock, jobs, outbox, personal, tables
from kernel.actors import must_hold
from kernel.errors import FieldProblem, NotFound
from kernel.jobs import JobContext
from kernel.transactions import atomic
from marketplace import facade as marketplace
from platforms import facade as platforms

ROWS_MAX = 10_000
JOB = "journeys.import_products"
KEPT = timedelta(days=30)
_BUSY = (ImportState.CHECKING, ImportState.RUNNING)
_COUNTS = ("position", *portions.RESULTS)


def upload_import(
    *, merchant_id: UUID, data: bytes, filename: str = "", price_list_id: UUID | None = None
) -> ImportInfo:
    """Take a file in, of products or of this price list's prices, and guess what its columns hold.
    Raises TableUnreadable, TableTooLarge, MerchantNotApproved, PriceListNotFound."""
    _require_approved(merchant_id)
    kind = ImportKind.PRODUCTS
    if price_list_id is not None:
        kind = ImportKind.PRICES
        marketplace.price_list(list_id=price_list_id, merchant_id=merchant_id)
    table = tables.read_table(data, most_rows=ROWS_MAX)
    row = ProductImport(
        merchant_id=merchant_id, kind=kind, price_list_id=price_list_id,
        filename=filename[:200], columns=table.header, rows=len(table.rows),
    )  # fmt: skip
    with atomic():
        row.mapping = KINDS[kind].guess(table.header, _kept(merchant_id, kind))
        row.table_sealed = personal.seal_data(row.id, tables.packed(table))
        row.save(force_insert=True)
        audit.record(
            action=_action(row, "uploaded"),
            target=row,
            after={
                "rows": row.rows,
                "columns": len(row.columns),
                "kind": str(kind),
                "price_list_id": price_list_id,
            },
        )
    return reading.info_of(row, table)


def map_import(
    *,
    import_id: UUID,
    merchant_id: UUID,
    mapping: Mapping[str, str],
    kind: ImportKind = ImportKind.PRODUCTS,
) -> ImportInfo:
    """Say what the columns hold (column name -> content, others are left out); remembered for the
    merchant's next file of the kind. Raises ImportMappingWrong, ImportBusy, NotFound."""
    with atomic():
        row = _locked(import_id, merchant_id, kind)
        if row.state in _BUSY:
            raise ImportBusy
        _check_mapping(row, mapping)
        if row.state == ImportState.CHECKED:
            row.move(ImportState.UPLOADED, action=_action(row, "mapped"))
            ImportProblem.objects.filter(product_import=row).delete()
        elif row.state != ImportState.UPLOADED:
            row.TRANSITIONS.check(row.state, ImportState.CHECKING)
        row.mapping = dict(mapping)
        row.save()
        _keep(row)
    return reading.product_import(import_id=import_id, merchant_id=merchant_id, kind=kind)


def check_import(
    *, import_id: UUID, merchant_id: UUID, kind: ImportKind = ImportKind.PRODUCTS
) -> ImportInfo:
    """Queue the dry run. Raises ImportUnmapped, ImportUnpriced, InvalidTransition, NotFound."""
    return _start(import_id, merchant_id, kind, ImportState.CHECKING)


def run_import(
    *, import_id: UUID, merchant_id: UUID, kind: ImportKind = ImportKind.PRODUCTS
) -> ImportInfo:
    """Queue the run; of one whose job gave up, what is left. Raises as ``check_import``."""
    return _start(import_id, merchant_id, kind, ImportState.RUNNING)


def cancel_import(
    *, import_id: UUID, merchant_id: UUID, kind: ImportKind = ImportKind.PRODUCTS
) -> ImportInfo:
    """Do no more of it; what is written stays. Raises InvalidTransition, NotFound."""
    with atomic():
        row = _locked(import_id, merchant_id, kind)
        _end(row, ImportState.CANCELLED)
    return reading.product_import(import_id=import_id, merchant_id=merchant_id, kind=kind)


def work(job: JobContext, *, import_id: UUID) -> dict[str, Any]:
    """Check or carry out what is left, a portion a transaction; runs again after a crash where it
    stopped. Texts of problems are kept in English and translated when read."""
    things: Sequence[Any] | None = None
    with override("en"):
        while True:
            row = ProductImport.objects.get(id=import_id)
            if row.state not in _BUSY:
                break
            kind = KINDS[row.kind]
            if things is None:
                things = kind.read(row)
            if not kind.portion(things, row.position):
                job.progress(row.position, row.products)
                _finish(row)
                break
            portions.carry_out(job, row, things)
    return {name: getattr(row, name) for name in _COUNTS}


def forget_imports() -> int:
    """Remove files and problems of lists that ended a month ago, and of those never begun."""
    before = clock.system() - KEPT
    old = ProductImport.objects.filter(updated_at__lt=before).exclude(state__in=_BUSY)
    ids = list(old.exclude(table_sealed=b"").values_list("id", flat=True)[:500])
    with atomic():
        ImportProblem.objects.filter(product_import_id__in=ids).delete()
        ProductImport.objects.filter(id__in=ids).update(table_sealed=b"")
    return len(ids)


def _start(import_id: UUID, merchant_id: UUID, kind: ImportKind, to: ImportState) -> ImportInfo:
    _require_approved(merchant_id)
    with atomic():
        row = _locked(import_id, merchant_id, kind)
        unfit = KINDS[kind].unfit(set(row.mapping.values()))
        if unfit is not None:
            raise unfit
        for column, permission in KINDS[kind].needed.items():
            if to == ImportState.RUNNING and column in row.mapping.values():
                must_hold(permission)
        if row.state != to:
            row.move(to, action=_action(row, to))
            ImportProblem.objects.filter(product_import=row).delete()
            for name in _COUNTS:
                setattr(row, name, 0)
            row.products = KINDS[kind].count(row)
            row.started_at = clock.system()
        elif not reading.info_of(row).stopped:
            raise ImportBusy
        row.job_id = jobs.enqueue(
            JOB, {"import_id": str(row.id)}, unique=str(row.id), merchant_id=merchant_id
        )
        row.save()
        _keep(row)
    return reading.product_import(import_id=import_id, merchant_id=merchant_id, kind=kind)


def _action(row: ProductImport, became: str) -> str:
    if row.kind == ImportKind.PRICES:
        return f"journeys.price_import.{became}"
    return f"journeys.import.{became}"


def _finish(row: ProductImport) -> None:
    with atomic():
        here = ProductImport.objects.select_for_update().get(id=row.id)
        if here.state == ImportState.CHECKING:
            here.move(ImportState.CHECKED, action=_action(here, "checked"))
            here.save()
        elif here.state == ImportState.RUNNING:
            _end(here, ImportState.DONE)


def _end(row: ProductImport, state: ImportState) -> None:
    row.move(state, action=_action(row, state))
    row.finished_at = clock.system()
    row.save()
    event: outbox.Event = events.ProductImportFinished(
        import_id=row.id, merchant_id=row.merchant_id, state=str(state), made=row.made,
        changed=row.changed, unchanged=row.unchanged, failed=row.failed,
    )  # fmt: skip
    if row.price_list_id is not None:
        event = events.PriceImportFinished(
            import_id=row.id, price_list_id=row.price_list_id, merchant_id=row.merchant_id,
            state=str(state), made=row.made, changed=row.changed, removed=row.removed,
            unchanged=row.unchanged, failed=row.failed,
        )  # fmt: skip
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)


def _require_approved(merchant_id: UUID) -> None:
    found = platforms.merchants([merchant_id]).get(merchant_id)
    if found is None or not found.approved:
        raise platforms.MerchantNotApproved


def _locked(import_id: UUID, merchant_id: UUID, kind: ImportKind) -> ProductImport:
    rows = ProductImport.objects.select_for_update()
    found: ProductImport | None = rows.filter(
        id=import_id, merchant_id=merchant_id, kind=kind
    ).first()
    if found is None:
        raise NotFound
    return found


def _check_mapping(row: ProductImport, mapping: Mapping[str, str]) -> None:
    offered = {key for key, _label in KINDS[row.kind].columns()}
    problems = [
        FieldProblem(f"mapping.{name}", str(words))
        for name, key in mapping.items()
        for words in [
            _("The file has no such column.")
            if name not in row.columns
            else _("There is no such content.")
            if key not in offered
            else _("Another column holds this already.")
            if list(mapping.values()).count(key) > 1
            else None
        ]
        if words
    ]
    if problems:
        raise ImportMappingWrong(problems=problems)


def _kept(merchant_id: UUID, kind: str) -> dict[str, str]:
    rows = ImportMapping.objects.filter(merchant_id=merchant_id, kind=kind)
    found = rows.values_list("keys", flat=True)
    return dict(found.first() or {})


def _keep(row: ProductImport) -> None:
    new = {columns.fold(name): key for name, key in row.mapping.items()}
    left = {columns.fold(name): "" for name in row.columns if name not in row.mapping}
    ImportMapping.objects.update_or_create(
        merchant_id=row.merchant_id,
        kind=row.kind,
        defaults={"keys": {**_kept(row.merchant_id, row.kind), **left, **new}},
        create_defaults={
            "merchant_id": row.merchant_id,
            "kind": row.kind,
            "keys": {**left, **new},
        },
    )
