"""The process that typesets or looks into one document and ends; run as a script by ``render``.

Limits are set before anything of the document is read: memory, processor time, no files written.
Nothing of Django is loaded. Input: a JSON line on standard input (and, to inspect, the PDF after
it); output: a JSON line, then the bytes.
"""

import importlib.util
import json
import os
import resource
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

MEMORY = 1_500 * 2**20
MEMORY_TO_INSPECT = 600 * 2**20  # what was sent is at most 10 MB, and is only looked into
SECONDS = 20


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform != "darwin":  # there address space can't be limited
        memory = MEMORY_TO_INSPECT if order["task"] == "inspect" else MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tasks = {"inspect": _inspect, "picture": _picture, "render": typeset}
    answer, body = tasks[order["task"]](order)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + body)


def typeset(order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    import typst

    found = importlib.util.find_spec("easyfont")
    if found is None or found.origin is None:
        raise RuntimeError("The package with the fonts (easyfont) is missing; install it.")
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[Path(found.origin).parent / "fonts"],
    )
    template = Path(order["template"])
    compiler = typst.Compiler(
        str(template), root=str(template.parent), font_paths=fonts, ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(order["data"], ensure_ascii=False)},
    )  # fmt: skip
    places = [one["value"] for one in json.loads(compiler.query("<place>"))]
    if order["format"] == "png":
        made = compiler.compile(format="png", ppi=order.get("ppi", 80))
        pages = made if isinstance(made, list) else [made or b""]
        pages = pages[: order.get("pages", 20)]
        return {"sizes": [len(page) for page in pages], "places": []}, b"".join(pages)
    made = compiler.compile(format="pdf", timestamp=order["at"], pdf_standards=["a-2b"])
    assert isinstance(made, bytes)
    return {"places": places}, made


def _picture(order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """One page of the PDF as PNG; the document lies in memory only."""
    import typst

    kept = os.memfd_create("document")
    os.write(kept, sys.stdin.buffer.read(order["size"]))
    made = typst.Compiler(
        str(Path(__file__).with_name("page.typ")), root="/", ignore_system_fonts=True,
        sys_inputs={"file": f"/proc/self/fd/{kept}", "page": str(order["page"])},
    ).compile(format="png", ppi=order["ppi"])  # fmt: skip
    assert isinstance(made, bytes)
    return {}, made


def _inspect(order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What an uploaded PDF is: its pages, whether encrypted, signed, active or unreadable."""
    from pyhanko.pdf_utils.misc import PdfDecodeLimitError
    from pyhanko.pdf_utils.reader import PdfFileReader

    data = sys.stdin.buffer.read(order["size"])
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return {"problem": "encrypted"}, b""
        if list(reader.embedded_signatures):
            return {"problem": "signed"}, b""
        root = reader.root
        if "/XFA" in root.get("/AcroForm", {}) or "/JavaScript" in root.get("/Names", {}):
            return {"problem": "active"}, b""
        pages = int(root["/Pages"]["/Count"])
        if pages > order["pages"]:
            return {"problem": "pages", "pages": pages}, b""
        for place in range(pages):
            reader.find_page_container(place)  # type: ignore[no-untyped-call]
    except (MemoryError, RecursionError, PdfDecodeLimitError):
        return {"problem": "bomb"}, b""
    except Exception as error:
        return {"problem": "broken", "detail": f"{type(error).__name__}: {error}"[:200]}, b""
    return {"problem": "", "pages": pages}, b""


if __name__ == "__main__":
    main()
