"""An index of what stands on the platform in scope, filled at once."""

from typing import Any

from kernel import tenancy
from search.building import BUILDERS
from search.engines.base import Engine


def index_all(engine: Engine, *, version: int = 1) -> None:
    """Index every product and merchant into a generation that becomes current."""
    for name, builder in BUILDERS.items():
        generation = engine.current(doc_type=builder.doc_type) or f"{name}-1-00000000"
        engine.create(doc_type=builder.doc_type, generation=generation)
        ids: list[Any] = builder.page(None, 500)
        built = builder.build(ids, platform=tenancy.current_id(), version=version)
        assert not built.failures
        engine.write(
            doc_type=builder.doc_type,
            operations=built.operations,
            generation=generation,
            refresh=True,
        )
        engine.swap(doc_type=builder.doc_type, generation=generation)
