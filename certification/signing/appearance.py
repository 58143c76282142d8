"""How a signature looks on the page: the seal's or hand's picture, who, when, under which consent.

Typeset by typst with the fonts of a package, so that Chinese names come out right everywhere; the
page it makes is embedded as a form, never as an image of text.
"""

import functools
import importlib.util
import tempfile
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import typst
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle

from certification.signing.ports import Appearance

ZONE = ZoneInfo("Asia/Shanghai")
_SUFFIXES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"<svg": "svg", b"<?xm": "svg"}
_SOURCE = """
#let d = json(bytes(sys.inputs.data))
#set page(width: d.width * 1pt, height: d.height * 1pt, margin: 0pt, fill: none)
#set text(font: ("Noto Sans SC", "Noto Sans"), size: d.size * 1pt, fill: rgb("#10233f"))
#set par(leading: 0.45em)
#let words = align(left + horizon, stack(spacing: 0.5em, ..d.lines.map(line => text(line))))
#if d.picture == "" { words } else {
  grid(columns: (d.height * 1pt, 1fr), column-gutter: 3pt, align: horizon,
    image(d.picture, width: d.height * 1pt, height: d.height * 1pt, fit: "contain"), words)
}
"""


@functools.cache
def _fonts() -> typst.Fonts:
    found = importlib.util.find_spec("easyfont")
    if found is None or found.origin is None:
        raise RuntimeError("The package with the fonts (easyfont) is missing; install it.")
    return typst.Fonts(include_system_fonts=False, font_paths=[Path(found.origin).parent / "fonts"])


@functools.lru_cache(maxsize=64)
def stamp(look: Appearance) -> bytes:
    """One page with the stamp, as PDF. The same looks give the same page, kept for volume."""
    local = look.at.astimezone(ZONE)
    lines = [look.name, f"{local:%Y-%m-%d %H:%M:%S} (UTC+8)", *filter(None, [look.note])]
    with tempfile.TemporaryDirectory(prefix="qc-stamp-") as folder:
        picture = ""
        if look.picture:
            picture = "picture." + _suffix(look.picture)
            (Path(folder) / picture).write_bytes(look.picture)
        (Path(folder) / "stamp.typ").write_text(_SOURCE)
        data = {
            "width": look.width,
            "height": look.height,
            "size": max(5.0, min(8.0, look.height / (2.0 * len(lines) + 1))),
            "lines": lines,
            "picture": picture,
        }
        compiler = typst.Compiler(
            str(Path(folder) / "stamp.typ"), root=folder, font_paths=_fonts(),
            ignore_system_fonts=True, sys_inputs={"data": orjson.dumps(data).decode()},
        )  # fmt: skip
        made = compiler.compile(format="pdf", timestamp=int(look.at.timestamp()), pdf_tags=False)
    return made if isinstance(made, bytes) else b""


class _Page(PdfContent):
    """The only page of a PDF in memory, as content of a stamp."""

    def __init__(self, page: bytes) -> None:
        self.page = page
        super().__init__()

    def render(self) -> bytes:
        form = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self.page)))
        self.resources.xobject["/Stamp"] = form
        left, bottom, right, top = form.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Stamp Do"


def style(look: Appearance) -> StaticStampStyle:
    """The stamp as pyHanko wants it."""
    return StaticStampStyle(
        background=_Page(stamp(look)),
        background_opacity=1,
        border_width=0,
        background_layout=SimpleBoxLayoutRule(
            x_align=AxisAlignment.ALIGN_MIN,
            y_align=AxisAlignment.ALIGN_MIN,
            margins=Margins(0, 0, 0, 0),
        ),
    )


def _suffix(picture: bytes) -> str:
    for start, suffix in _SUFFIXES.items():
        if picture.lstrip().startswith(start):
            return suffix
    raise ValueError("A signature's picture must be PNG, JPEG or SVG.")
