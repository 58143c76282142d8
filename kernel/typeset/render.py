"""Rendering in a process of its own: limited in time and memory, without the product's secrets."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

SECONDS = 30
OUTPUT_MAX = 30 * 2**20
A4_HEIGHT = 841.89  # points
WIDTH, HEIGHT = 190, 66  # of a signature's place, points


class TypesetFailed(Exception):
    """The document couldn't be typeset within the limits; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a party's signature stands: 0-based page, box in points from below left."""

    role: str
    page: int
    left: float
    bottom: float
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class Rendered:
    pdf: bytes
    sha256: str
    places: tuple[Place, ...]


def render(
    template: Path, data: Mapping[str, Any], *, at: datetime, bounded: bool = True
) -> Rendered:
    """The PDF/A-2b of ``data`` by a typst template; the same data and time give the same bytes.

    ``bounded=False`` typesets in this process: only for volume, of data already accepted once.
    Raises TypesetFailed.
    """
    order = {
        "task": "render",
        "template": str(template),
        "format": "pdf",
        "at": int(at.timestamp()),
        "data": data,
    }
    if bounded:
        answer, pdf = _call(order)
    else:
        from kernel.typeset import worker

        answer, pdf = worker.typeset(dict(order))
    places = tuple(
        Place(
            one["role"],
            int(one["page"]) - 1,
            float(one["x"]),
            A4_HEIGHT - float(one["y"]) - HEIGHT,
        )
        for one in answer["places"]
    )
    return Rendered(pdf, hashlib.sha256(pdf).hexdigest(), places)


def pictures(template: Path, data: Mapping[str, Any], *, pages: int = 20) -> Sequence[bytes]:
    """The pages as PNG, for a preview. Raises TypesetFailed."""
    order = {"task": "render", "template": str(template), "format": "png", "pages": pages}
    answer, body = _call({**order, "data": data})
    found, start = [], 0
    for size in answer["sizes"]:
        found.append(body[start : start + size])
        start += size
    return found


def page_picture(data: bytes, *, page: int, ppi: int = 110) -> bytes:
    """One page (from 1) of a PDF as PNG. Raises TypesetFailed."""
    order = {"task": "picture", "size": len(data), "page": page, "ppi": ppi}
    _answer, picture = _call(order, data)
    return picture


def inspect_pdf(data: bytes, *, pages: int) -> dict[str, Any]:
    """What an uploaded PDF is: ``problem`` is empty or encrypted, signed, active, pages, bomb,
    broken."""
    try:
        answer, _body = _call({"task": "inspect", "size": len(data), "pages": pages}, data)
    except TypesetFailed:
        return {"problem": "bomb"}
    return answer


def _call(order: Mapping[str, Any], more: bytes = b"") -> tuple[dict[str, Any], bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).with_name("worker.py"))],
            input=orjson.dumps(order) + b"\n" + more,
            capture_output=True,
            timeout=SECONDS,
            env=kept,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TypesetFailed("It took longer than allowed.") from error
    if done.returncode or len(done.stdout) > OUTPUT_MAX:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no answer"]
        raise TypesetFailed(last[0][:300])
    head, _line, body = done.stdout.partition(b"\n")
    answer: dict[str, Any] = orjson.loads(head)
    return answer, body
