"""Vectors kept in PostgreSQL, computed in the background, searched in memory.

Brute force is enough: 50,000 vectors of 384 dimensions take some milliseconds, and the order is
exact. Each process keeps a platform's matrix and reads what changed since it last looked.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.transactions import cursor
from search.contracts import Document, Operation
from search.meaning.embedder import Embedder
from search.models import DocumentVector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 32  # texts a call of the model, about half a second of one core
LOOK_AGAIN = 2.0  # seconds between two looks for changes
OVERLAP = timedelta(minutes=2)  # a transaction may commit that much after its ``changed_at``

_looked_over: set[tuple[UUID, str]] = set()

_NOTE = """
INSERT INTO search_documentvector
  (platform_id, id, doc_type, document, version, text, model, vector, changed_at)
SELECT %(platform)s, n.id, %(doc_type)s, n.document, n.version, n.text, '', NULL, %(now)s
FROM unnest(%(ids)s::uuid[], %(documents)s::text[], %(versions)s::bigint[], %(texts)s::text[])
  AS n(id, document, version, text)
ON CONFLICT (platform_id, doc_type, document) DO UPDATE SET
  version = excluded.version, text = excluded.text, changed_at = excluded.changed_at,
  vector = CASE WHEN search_documentvector.text = excluded.text
    THEN search_documentvector.vector END
WHERE search_documentvector.version < excluded.version
"""


def note(*, doc_type: str, operations: Sequence[Operation]) -> None:
    """Remember what the platform in scope wrote to its index, so that it gets vectors in time.

    Late and repeated writes change nothing; a text that stayed the same keeps its vector.
    """
    latest = {one.id: one for one in sorted(operations, key=lambda operation: operation.version)}
    if not latest:
        return
    ordered = [latest[key] for key in sorted(latest)]
    with cursor() as sql:
        sql.execute(
            _NOTE,
            {
                "platform": tenancy.current_id(),
                "doc_type": doc_type,
                "now": clock.system(),
                "ids": [uuid7() for _ in ordered],
                "documents": [one.id for one in ordered],
                "versions": [one.version for one in ordered],
                "texts": [text_of(one) for one in ordered],
            },
        )


def text_of(operation: Operation) -> str:
    """What of a document carries its meaning: its title in every language; "" once deleted."""
    if not isinstance(operation, Document):
        return ""
    title = operation.fields.get("title") or ""
    words = title.values() if hasattr(title, "values") else [title]
    return " ".join(dict.fromkeys(str(word).replace("\x00", " ") for word in words if word))


def embed_waiting(model: Embedder, *, limit: int = 512) -> int:
    """Give vectors to texts of the platform in scope that wait for one; how many.

    The model runs outside of any transaction; a text that changed meanwhile keeps waiting. What
    another model did is done again, looked for once a process.
    """
    here = (tenancy.current_id(), model.name)
    if here not in _looked_over:
        forget_other_models(model.name)
        _looked_over.add(here)
    waiting = list(
        DocumentVector.objects.filter(vector__isnull=True)
        .exclude(text="")
        .order_by("changed_at")
        .values_list("id", "text")[:limit]
    )
    for start in range(0, len(waiting), BATCH):
        rows = waiting[start : start + BATCH]
        vectors = model.passages([text for _, text in rows]).astype("float16")
        _keep(model.name, rows, [vector.tobytes() for vector in vectors])
    return len(waiting)


def forget_other_models(name: str) -> int:
    """Let everything be embedded again that another model than ``name`` did; how many."""
    rows = DocumentVector.objects.filter(vector__isnull=False).exclude(model=name)
    return rows.update(vector=None, changed_at=clock.system())


def _keep(model: str, rows: Sequence[tuple[UUID, str]], vectors: Sequence[bytes]) -> None:
    now = clock.system()
    with cursor() as sql:
        sql.execute(
            "UPDATE search_documentvector v SET vector = n.vector, model = %s, changed_at = %s "
            "FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS n(id, text, vector) "
            "WHERE v.platform_id = %s AND v.id = n.id AND v.text = n.text",
            [model, now, [r[0] for r in rows], [r[1] for r in rows], list(vectors),
             tenancy.current_id()],
        )  # fmt: skip


@dataclass
class _Matrix:
    """The vectors of one platform's documents of one type, as they were last read."""

    ids: list[str] = field(default_factory=list)
    values: "NDArray[np.float16] | None" = None
    read_until: datetime | None = None
    looked: float = 0.0


class Nearest:
    """Finds the documents whose meaning is nearest; one a process, safe to share by threads."""

    def __init__(self) -> None:
        self._matrices: dict[tuple[UUID, str], _Matrix] = {}
        self._lock = threading.Lock()

    def find(
        self, *, doc_type: str, vector: "NDArray[np.float32]", limit: int, margin: float
    ) -> list[str]:
        """Ids of the platform in scope, nearest first, ties by id; none that is less like
        ``vector`` than the best by more than ``margin``."""
        import numpy as np

        with self._lock:
            matrix = self._current(doc_type)
            if matrix.values is None or not matrix.ids:
                return []
            ids, values = matrix.ids, matrix.values
        likeness = values.astype(np.float32) @ vector
        count = min(limit, len(ids))
        best = np.argpartition(-likeness, count - 1)[:count]
        least = likeness[best].max() - margin
        near = [i for i in best if likeness[i] >= least]
        return [ids[i] for i in sorted(near, key=lambda i: (-likeness[i], ids[i]))]

    def _current(self, doc_type: str) -> _Matrix:
        key = (tenancy.current_id(), doc_type)
        matrix = self._matrices.setdefault(key, _Matrix())
        here = time.monotonic()
        if matrix.read_until is not None and here - matrix.looked < LOOK_AGAIN:
            return matrix
        now = clock.system()
        rows = DocumentVector.objects.filter(doc_type=doc_type)
        if matrix.read_until is None:
            rows = rows.filter(vector__isnull=False)
        else:
            rows = rows.filter(changed_at__gte=matrix.read_until - OVERLAP)
        fresh = self._merged(matrix, rows.values_list("document", "vector"))
        fresh.read_until, fresh.looked = now, here
        self._matrices[key] = fresh
        return fresh

    @staticmethod
    def _merged(matrix: _Matrix, rows: Iterable[tuple[str, bytes | memoryview | None]]) -> _Matrix:
        """A new matrix: threads may still be reading the old one."""
        import numpy as np

        changed = {document: bytes(vector) if vector else None for document, vector in rows}
        if not changed:
            return _Matrix(matrix.ids, matrix.values)
        kept = [i for i, id in enumerate(matrix.ids) if id not in changed]
        added = {id: vector for id, vector in changed.items() if vector is not None}
        ids = [matrix.ids[i] for i in kept] + list(added)
        parts = [np.frombuffer(vector, dtype=np.float16) for vector in added.values()]
        blocks = [matrix.values[kept]] if matrix.values is not None and kept else []
        if parts:
            blocks.append(np.stack(parts))
        values = np.concatenate(blocks) if blocks else None
        return _Matrix(ids, values)
