"""Vectors by a toy model: what waits gets one, what is late changes nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kernel import tenancy
from search.contracts import Document, Operation, Tombstone
from search.meaning.vectors import Nearest, embed_waiting, forget_other_models, note
from search.models import DocumentVector

TOPICS = ("corn", "phone", "honey")


class Toy:
    """One dimension a topic."""

    name = "toy"
    margin = 2.0

    def __init__(self) -> None:
        self.seen: list[str] = []

    def query(self, text: str) -> Any:
        return self._vectors([text])[0]

    def passages(self, texts: Sequence[str]) -> Any:
        self.seen += texts
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Any:
        found = np.array([[float(topic in text) for topic in TOPICS] for text in texts])
        length = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return (found / length).astype(np.float32)


def product(id: str, title: str, version: int = 1) -> Document:
    platform = str(tenancy.current_id())
    return Document(id=id, platform=platform, version=version, fields={"title": {"en": title}})


def written(*operations: Operation) -> Toy:
    model = Toy()
    note(doc_type="product", operations=operations)
    embed_waiting(model)
    return model


def nearest(nearest: Nearest, text: str, limit: int = 5, margin: float = 2.0) -> list[str]:
    vector = Toy().query(text)
    return nearest.find(doc_type="product", vector=vector, limit=limit, margin=margin)


@pytest.fixture
def finder(platform: Any, monkeypatch: pytest.MonkeyPatch) -> Nearest:
    monkeypatch.setattr("search.meaning.vectors.LOOK_AGAIN", 0.0)
    return Nearest()


def test_the_nearest_come_first_and_ties_by_id(finder: Nearest) -> None:
    written(product("c", "honey phone"), product("b", "honey"), product("a", "honey"))
    assert nearest(finder, "honey") == ["a", "b", "c"]
    assert nearest(finder, "phone", limit=1) == ["c"]
    assert nearest(finder, "honey", margin=0.1) == ["a", "b"]


def test_changes_and_deletions_are_seen(finder: Nearest) -> None:
    written(product("a", "corn"), product("b", "phone"))
    assert nearest(finder, "corn", limit=1) == ["a"]
    written(product("b", "corn corn", 2), Tombstone("a", str(tenancy.current_id()), 2))
    assert nearest(finder, "corn") == ["b"]


def test_what_is_late_or_repeated_changes_nothing(finder: Nearest) -> None:
    written(product("a", "corn", 5))
    assert written(product("a", "phone", 4), product("a", "corn", 5)).seen == []
    assert DocumentVector.objects.get().text == "corn"


def test_a_text_that_stays_keeps_its_vector(finder: Nearest) -> None:
    written(product("a", "corn", 1))
    assert written(product("a", "corn", 2)).seen == []
    assert DocumentVector.objects.get().version == 2
    assert nearest(finder, "corn") == ["a"]


def test_a_text_that_changes_while_it_is_embedded_waits_on(finder: Nearest) -> None:
    class Slow(Toy):
        def passages(self, texts: Sequence[str]) -> Any:
            note(doc_type="product", operations=[product("a", "phone", 2)])
            return super().passages(texts)

    note(doc_type="product", operations=[product("a", "corn")])
    embed_waiting(Slow())
    assert DocumentVector.objects.get().vector is None
    assert embed_waiting(Toy()) == 1
    assert nearest(finder, "phone") == ["a"]


def test_another_model_does_all_again(finder: Nearest) -> None:
    written(product("a", "corn"))
    assert forget_other_models("toy") == 0
    assert forget_other_models("other") == 1
    assert embed_waiting(Toy()) == 1


def test_an_empty_platform_has_no_nearest(finder: Nearest) -> None:
    assert nearest(finder, "corn") == []
