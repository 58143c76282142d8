"""The evaluation command, against results worked out by hand, on files as they come."""

import json
import math
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from search.domain.evaluation import measure, ndcg, recall, reciprocal_rank


def test_measures_by_hand() -> None:
    gains = {"a": 3.0, "b": 1.0, "c": 0.0}
    assert ndcg(["a", "b"], gains) == pytest.approx(1.0)
    got = 1.0 + 3.0 / math.log2(3)
    assert ndcg(["b", "a"], gains) == pytest.approx(got / (3.0 + 1.0 / math.log2(3)))
    assert ndcg(["x", "c"], gains) == 0.0
    assert reciprocal_rank(["x", "c", "b"], gains) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"] * 10 + ["a"], gains) == 0.0
    assert recall(["x", "a"], gains) == 0.5
    found = measure({"1": ["a"], "2": [], "3": ["a"]}, {"1": gains, "3": {"a": 0.0}})
    assert (found.queries, found.judged_queries) == (3, 1)
    assert found.empty == pytest.approx(1 / 3)


def _write(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        (folder / f"{name}.tsv").write_bytes(content)


def _evaluate(folder: Path, *options: str) -> dict[str, float]:
    out = StringIO()
    call_command("search", "evaluate", str(folder), "--json", *options, stdout=out)
    found: dict[str, float] = json.loads(out.getvalue())
    return found


def test_files_as_they_come(tmp_path: Path) -> None:
    """A byte order mark, CRLF, quotes, tabs in titles, unknown ids, lines that say nothing."""
    _write(
        tmp_path,
        docs='\ufeffid\ttitle\r\nd1\t3" drawer "pull"\twith tab\r\nd2\tcabinet hinge\r\nbroken\r\n'
        .encode(),
        queries=b"id\ttext\nq1\tdrawer pulls\nq2\thinje\nq3\t\nq4\tzzzzqqq\nq5\t\xff\xfe hinge\n",
        judgements=b"q\td\tg\nq1\td1\t3\nq2\td2\t1\nq1\tnone\t3\nnone\td1\t1\nq2\td2\tnan\n\nq5\n",
    )  # fmt: skip
    found = _evaluate(tmp_path, "--lang", "en")
    assert found["documents"] == 2
    assert found["ignored_lines"] == 5
    assert (found["queries"], found["judged_queries"]) == (5, 2)
    assert found["ndcg_at_10"] == found["mrr_at_10"] == found["recall_at_100"] == 1.0
    assert found["empty"] == pytest.approx(2 / 5)
    strict = _evaluate(tmp_path, "--lang", "en", "--no-correct")
    assert strict["ndcg_at_10"] == 0.5


def test_chinese(tmp_path: Path) -> None:
    _write(
        tmp_path,
        docs="id\ttitle\na\t东北二等黄玉米\nb\t玉米种子\n".encode(),
        queries="id\ttext\n1\t黃玉米\n2\t2等\n3\tzhongzi\n".encode(),
        judgements=b"q\td\tg\n1\ta\t1\n2\ta\t1\n3\tb\t1\n",
    )
    assert _evaluate(tmp_path, "--lang", "zh")["mrr_at_10"] == 1.0


def test_missing_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"docs\.tsv"):
        _evaluate(tmp_path, "--lang", "en")
