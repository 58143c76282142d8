"""Pictures of seals: the round company seal (圆形公章) and the name stamp (名章), by Pillow.

As is the custom (国发〔1999〕25号): 40 to 45 mm across for companies, red, a five-pointed star in
the middle, the name along the arc from left to right.
"""

import functools
import importlib.util
import math
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

RED = (200, 22, 29, 255)
CLEAR = (255, 255, 255, 0)
SIZE = 420  # pixels across
SCALE = 2  # drawn larger, then made smaller: smooth edges


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    found = importlib.util.find_spec("easyfont")
    if found is None or found.origin is None:
        raise RuntimeError("The package with the fonts (easyfont) is missing; install it.")
    return ImageFont.truetype(Path(found.origin).parent / "fonts" / "NotoSansSC-Regular.ttf", size)


def company_seal(name: str, *, line: str = "", code: str = "") -> bytes:
    """A round seal as PNG with transparent ground: the name along the upper arc, a star, ``line``
    (合同专用章) below it, ``code`` along the lower arc. Raises ValueError for an empty name."""
    name = "".join(name.split()) if not name.isascii() else " ".join(name.split())
    if not name:
        raise ValueError("A seal needs a name.")
    size = SIZE * SCALE
    picture = Image.new("RGBA", (size, size), CLEAR)
    draw = ImageDraw.Draw(picture)
    middle, edge = size / 2, size * 0.025
    draw.ellipse(
        [edge / 2, edge / 2, size - edge / 2, size - edge / 2], outline=RED, width=int(edge)
    )
    _star(draw, middle, middle * 0.98, size * 0.14)
    sweep = min(
        250.0 if line or code else 290.0,
        26.0 * len(name) if not name.isascii() else 11.0 * len(name),
    )
    sweep = max(sweep, 60.0)
    _arc(picture, name, radius=size * 0.385, sweep=sweep, height=_height(name, sweep, size))
    if line:
        font = _fit(line, size * 0.40, int(size * 0.08))
        draw.text((middle, size * 0.735), line, font=font, fill=RED, anchor="mm", stroke_width=2,
                  stroke_fill=RED)  # fmt: skip
    if code:
        _arc(picture, code, radius=size * 0.435, sweep=min(110, 7 * len(code)),
             height=int(size * 0.04), below=True)  # fmt: skip
    return _png(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def name_stamp(name: str) -> bytes:
    """A person's square stamp as PNG: up to four characters in two columns read from the right,
    otherwise the name in one line, slanted as by hand. Raises ValueError for an empty name."""
    name = " ".join(name.split())
    if not name:
        raise ValueError("A stamp needs a name.")
    if name.isascii() or len(name) > 4:
        return _written(name)
    size = SIZE * SCALE // 2
    picture = Image.new("RGBA", (size, size), CLEAR)
    draw = ImageDraw.Draw(picture)
    edge = size * 0.04
    box = [edge / 2, edge / 2, size - edge / 2, size - edge / 2]
    draw.rounded_rectangle(box, radius=size * 0.05, outline=RED, width=int(edge))
    signs = name + "印" if len(name) == 3 else name
    rows = 1 if len(signs) == 1 else 2
    columns = -(-len(signs) // rows)
    font = _font(int(size * (0.8 if rows == 1 else 0.40)))
    for place, sign in enumerate(signs):
        column, row = columns - 1 - place // rows, place % rows
        at = (size * (column + 0.5) / columns * 0.9 + size * 0.05,
              size * (row + 0.5) / rows * 0.9 + size * 0.05)  # fmt: skip
        draw.text(at, sign, font=font, fill=RED, anchor="mm", stroke_width=3, stroke_fill=RED)
    return _png(picture.resize((SIZE // 2, SIZE // 2), Image.Resampling.LANCZOS))


def _written(name: str) -> bytes:
    """The name in one slanted line, with a stroke under it."""
    font = _font(140)
    width = int(font.getlength(name)) + 160
    picture = Image.new("RGBA", (width, 260), CLEAR)
    draw = ImageDraw.Draw(picture)
    ink = (16, 35, 63, 255)
    draw.text((60, 110), name, font=font, fill=ink, anchor="lm")
    draw.line([(50, 205), (width * 0.55, 215), (width - 60, 196)], fill=ink, width=5, joint="curve")
    slant = picture.transform(
        picture.size, Image.Transform.AFFINE, (1, 0.22, -28, 0, 1, 0), Image.Resampling.BICUBIC
    )
    return _png(slant)


def _arc(
    picture: Image.Image, text: str, *, radius: float, sweep: float, height: int,
    below: bool = False,
) -> None:  # fmt: skip
    """Letters along an arc, each turned to stand on it."""
    font, middle = _font(height), picture.width / 2
    step = sweep / max(len(text), 1)
    for place, sign in enumerate(text):
        angle = -sweep / 2 + step * (place + 0.5)
        tile = Image.new("RGBA", (height * 2, height * 2), CLEAR)
        ImageDraw.Draw(tile).text(
            (height, height), sign, font=font, fill=RED, anchor="mm",
            stroke_width=max(1, height // 40), stroke_fill=RED,
        )  # fmt: skip
        turned = tile.rotate(angle if below else -angle, Image.Resampling.BICUBIC)
        radians = math.radians(angle)
        x = middle + radius * math.sin(radians)
        y = middle + radius * math.cos(radians) * (1 if below else -1)
        picture.alpha_composite(turned, (int(x - height), int(y - height)))


def _height(name: str, sweep: float, size: int) -> int:
    """Letters as high as the arc leaves room for."""
    room = math.radians(sweep) * size * 0.385 / max(len(name), 1)
    return int(max(size * 0.03, min(size * 0.13, room * (1.7 if name.isascii() else 0.95))))


def _fit(text: str, width: float, height: int) -> ImageFont.FreeTypeFont:
    font = _font(height)
    length = font.getlength(text)
    return font if length <= width else _font(max(12, int(height * width / length)))


def _star(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    points = []
    for place in range(10):
        reach = radius if place % 2 == 0 else radius * 0.382
        angle = math.radians(-90 + 36 * place)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    draw.polygon(points, fill=RED)


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    few = picture.quantize(32, Image.Quantize.FASTOCTREE)  # a seal travels with every signature
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
