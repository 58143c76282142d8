"""The writing half of the engine."""

from collections.abc import Sequence

from search.contracts import DocumentType, Failure, Generation, Operation, WriteReport
from search.documents.physical import Unindexable
from search.engines.elastic.bulk import BulkWriter, Item
from search.engines.elastic.connection import Connection, Patience
from search.engines.elastic.generations import Generations
from search.engines.elastic.layout import item
from search.engines.elastic.vocabulary import Counted


class Writing:
    """Documents, generations and what is visible."""

    _connection: Connection
    _generations: Generations
    _bulk: BulkWriter
    _counted: Counted

    def create(self, *, doc_type: DocumentType, generation: str) -> None:
        """See ``base.Engine``."""
        self._generations.create(doc_type, generation)

    def write(
        self,
        *,
        doc_type: DocumentType,
        operations: Sequence[Operation],
        generation: str | None = None,
        refresh: bool = False,
    ) -> WriteReport:
        """See ``base.Engine``. What can't be rendered fails before anything is sent."""
        items: list[Item] = []
        failed: list[Failure] = []
        for operation in operations:
            try:
                items.append(item(doc_type, operation))
            except Unindexable as error:
                failed.append(Failure(operation.id, operation.version, str(error)))
        names = self._generations.names
        alias = names.alias(doc_type) if generation is None else names.writing(generation)
        report = self._bulk.write(alias, items)
        if refresh:
            self.refresh(doc_type=doc_type, generation=generation)
        return WriteReport(report.written, report.deleted, report.stale, (*failed, *report.failed))

    def refresh(self, *, doc_type: DocumentType, generation: str | None = None) -> None:
        """See ``base.Engine``."""
        index = self._target(doc_type, generation)
        self._connection.call(lambda client: client.indices.refresh(index=index), Patience.WRITE)
        self._counted.forget()

    def swap(self, *, doc_type: DocumentType, generation: str) -> str | None:
        """See ``base.Engine``."""
        return self._generations.swap(doc_type, generation)

    def drop(self, *, doc_type: DocumentType, generation: str) -> None:
        """See ``base.Engine``."""
        self._generations.drop(doc_type, generation)

    def current(self, *, doc_type: DocumentType) -> str | None:
        """See ``base.Engine``."""
        return self._generations.current(doc_type)

    def generations(self, *, doc_type: DocumentType) -> Sequence[Generation]:
        """See ``base.Engine``."""
        return self._generations.all(doc_type)

    def _target(self, doc_type: DocumentType, generation: str | None) -> str:
        names = self._generations.names
        return names.alias(doc_type) if generation is None else names.index(generation)
