"""What the server is handed: an answer that is whole at once and done with, a stream as it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from config.handler import Handler


@pytest.fixture
def finished(db: None) -> Iterator[list[object]]:
    """Each request that is done with."""
    found: list[object] = []

    def note(**_told: object) -> None:
        found.append(1)

    request_finished.connect(note)
    yield found
    request_finished.disconnect(note)


def served(response: Any) -> tuple[str, Any]:
    """The status, and what the server is handed."""

    class Answering(Handler):
        def get_response(self, request: Any) -> Any:
            return response

    told: list[str] = []
    handed = Answering()(
        RequestFactory().get("/").environ, lambda status, _headers: told.append(status)
    )
    return told[0], handed


def test_a_whole_answer_is_one_piece_and_done_with(finished: list[object]) -> None:
    closed: list[str] = []
    answer = HttpResponse("全程".encode(), status=201)
    answer._resource_closers.append(lambda: closed.append("file"))  # type: ignore[attr-defined]
    assert served(answer) == ("201 Created", ["全程".encode()])
    assert (len(finished), closed) == (1, ["file"])
    assert served(HttpResponse()) == ("200 OK", [b""])


@pytest.mark.parametrize("kind", [StreamingHttpResponse, FileResponse])
def test_a_stream_is_handed_on_as_it_is(kind: Any, finished: list[object]) -> None:
    answer = kind(iter([b"one", b"two"]))
    _status, handed = served(answer)
    assert handed is answer
    assert not finished, "its pieces are still to come"
    assert list(handed) == [b"one", b"two"]
    handed.close()
    assert len(finished) == 1
