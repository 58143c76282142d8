"""The embedded engine's files: killed while writing, read by others, swapped, damaged pointers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from search.contracts import Document, Query, Tombstone
from search.documents.types import PRODUCT
from search.engines.embedded.engine import EmbeddedEngine
from search.errors import EngineDown, GenerationUnknown, NoIndex

WRITER = """
import sys
from search.contracts import Document, Tombstone
from search.documents.types import PRODUCT
from search.engines.embedded.engine import EmbeddedEngine
engine = EmbeddedEngine(sys.argv[1])
number = 0
while True:
    number += 1
    engine.write(doc_type=PRODUCT, generation="one", operations=[
        Document(f"p{number:05d}", "p", 5, {"title": {"en": "killed corn"}}),
        Tombstone(f"g{number:05d}", "p", 5),
    ])
    print(number, flush=True)
"""


def _document(id_: str, version: int, title: str = "corn") -> Document:
    return Document(id_, "p", version, {"title": {"en": title}})


def _total(engine: EmbeddedEngine, text: str = "corn") -> int:
    return engine.search(platform="p", doc_type=PRODUCT, query=Query(text=text)).total


@pytest.mark.kill
def test_killed_while_writing(tmp_path: Path) -> None:
    """What was reported as written is there, deletions too, and another process goes on."""
    engine = EmbeddedEngine(tmp_path)
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(8)]
    with pytest.raises(EngineDown):  # the writer's lock
        engine.write(doc_type=PRODUCT, operations=[_document("other", 1)])
    writer.send_signal(signal.SIGKILL)
    told += [int(line) for line in writer.stdout]
    writer.wait()
    last = told[-1]
    assert last <= _total(engine, "killed") <= last + 1
    late = [_document(f"p{last:05d}", 4), _document(f"g{last:05d}", 5), _document("new", 1)]
    report = engine.write(doc_type=PRODUCT, operations=late)
    assert (report.written, report.stale) == (1, 2)
    assert _total(engine, "killed") in (last, last + 1)
    engine.close()


def test_readers_follow_the_pointer(tmp_path: Path) -> None:
    writer, reader = EmbeddedEngine(tmp_path), EmbeddedEngine(tmp_path)
    with pytest.raises(NoIndex):
        _total(reader)
    for name, count in (("one", 1), ("two", 2)):
        writer.create(doc_type=PRODUCT, generation=name)
        documents = [_document(f"p{number}", 1) for number in range(count)]
        writer.write(doc_type=PRODUCT, operations=documents, generation=name)
    assert writer.swap(doc_type=PRODUCT, generation="one") is None
    assert _total(reader) == 1
    assert writer.swap(doc_type=PRODUCT, generation="two") == "one"
    assert _total(reader) == 2
    writer.write(doc_type=PRODUCT, operations=[_document("p9", 1)])
    assert _total(reader) == 3
    writer.write(doc_type=PRODUCT, operations=[Tombstone("p9", "p", 2)])
    assert _total(reader) == 2
    with pytest.raises(ValueError, match="current"):
        writer.drop(doc_type=PRODUCT, generation="two")
    writer.drop(doc_type=PRODUCT, generation="one")
    assert [one.name for one in reader.generations(doc_type=PRODUCT)] == ["two"]
    with pytest.raises(GenerationUnknown):
        writer.swap(doc_type=PRODUCT, generation="one")
    writer.close()
    assert _total(reader) == 2
    reader.close()


def test_a_bad_document_holds_up_nothing(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    bad = Document("bad", "p", 1, {"title": {"en": "corn"}, "prices": ("cheap",)})
    report = engine.write(doc_type=PRODUCT, operations=[bad, _document("good", 1)])
    assert report.written == 1
    assert [(one.id, "prices" in one.reason) for one in report.failed] == [("bad", True)]
    assert _total(engine) == 1
    engine.close()


@pytest.mark.parametrize("name", ["", "current", "../outside", "a/b", ".hidden", "UPPER"])
def test_names_stay_inside_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name a generation"):
        EmbeddedEngine(tmp_path / "root").create(doc_type=PRODUCT, generation=name)
    assert not (tmp_path / "outside").exists()
