"""Pictures for the demo's goods, drawn rather than photographed: one motif a kind of goods."""

import io
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

SIZE = 900
SHOWN = 640
Point = tuple[float, float]
_TINTS = (
    ((236, 241, 234), (92, 128, 84)),
    ((243, 236, 226), (171, 116, 58)),
    ((234, 239, 243), (70, 104, 140)),
    ((244, 233, 231), (168, 74, 62)),
    ((240, 238, 229), (142, 128, 66)),
    ((237, 233, 241), (110, 84, 140)),
    ((231, 242, 240), (44, 122, 110)),
)


def _shade(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    return tuple(max(0, min(255, int(part * by))) for part in colour)  # type: ignore[return-value]


# What grows in the ground isn't blue.
_FITTING = {"root": (1, 4, 3), "sack": (0, 1, 4, 6), "cap": (1, 3, 4), "bottle": (0, 1, 4)}
Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]


def _jar(d: Draw, c: Colour) -> None:
    d.rounded_rectangle((300, 300, 600, 700), 60, fill=c)
    d.rounded_rectangle((330, 230, 570, 310), 20, fill=_shade(c, 0.6))
    d.rounded_rectangle((330, 430, 570, 590), 12, fill=(250, 248, 242))
    d.ellipse((410, 470, 490, 550), fill=_shade(c, 1.25))


def _bottle(d: Draw, c: Colour) -> None:
    d.rounded_rectangle((350, 340, 550, 730), 50, fill=c)
    d.polygon([(380, 360), (420, 250), (480, 250), (520, 360)], fill=c)
    d.rounded_rectangle((412, 180, 488, 256), 12, fill=_shade(c, 0.6))
    d.rounded_rectangle((350, 470, 550, 610), 4, fill=(250, 248, 242))


def _sack(d: Draw, c: Colour) -> None:
    d.polygon([(290, 330), (610, 330), (660, 720), (240, 720)], fill=c)
    d.polygon([(330, 250), (570, 250), (610, 335), (290, 335)], fill=_shade(c, 0.85))
    d.line([(300, 332), (600, 332)], fill=_shade(c, 0.55), width=14)
    d.rounded_rectangle((350, 440, 550, 620), 16, fill=(250, 248, 242))
    for x in (400, 450, 500):
        d.ellipse((x - 14, 490, x + 14, 570), fill=_shade(c, 1.1))


def _root(d: Draw, c: Colour) -> None:
    d.polygon([(400, 260), (500, 260), (540, 480), (450, 600), (360, 480)], fill=c)
    for x, y, w in ((300, 720, 26), (390, 760, 22), (470, 780, 26), (560, 740, 22), (630, 660, 16)):
        d.line([(450, 500), ((450 + x) / 2 + 10, 620), (x, y)], fill=c, width=w, joint="curve")
    for x, y in ((380, 170), (450, 140), (520, 170)):
        d.line([(450, 265), (x, y)], fill=(84, 122, 74), width=12)
        d.ellipse((x - 42, y - 50, x + 42, y + 20), fill=(104, 146, 92))


def _cap(d: Draw, c: Colour) -> None:
    for x, y, r in ((450, 430, 190), (290, 590, 110), (620, 600, 120)):
        d.rounded_rectangle((x - r * 0.25, y, x + r * 0.25, y + r * 1.25), 20, fill=(242, 234, 218))
        d.pieslice((x - r, y - r * 0.9, x + r, y + r * 0.9), 180, 360, fill=c)
        d.ellipse((x - r, y - r * 0.18, x + r, y + r * 0.18), fill=_shade(c, 0.75))


def _bowl(d: Draw, c: Colour) -> None:
    for x in range(330, 590, 26):
        d.arc((x - 90, 330, x + 90, 520), 180, 350, fill=(238, 214, 160), width=12)
    d.pieslice((230, 230, 670, 720), 0, 180, fill=c)
    d.ellipse((230, 440, 670, 510), fill=_shade(c, 0.8))
    d.rounded_rectangle((380, 700, 520, 740), 12, fill=_shade(c, 0.7))
    d.line([(560, 220), (470, 470)], fill=(120, 88, 60), width=12)
    d.line([(610, 240), (500, 475)], fill=(120, 88, 60), width=12)


def _sock(d: Draw, c: Colour) -> None:
    for shift, colour in ((90, _shade(c, 0.8)), (0, c)):
        points: list[Point] = [
            (330 + shift, 220),
            (480 + shift, 220),
            (480 + shift, 500),
            (600 + shift, 600),
            (560 + shift, 700),
            (430 + shift, 690),
            (330 + shift, 560),
        ]
        d.polygon(points, fill=colour)
        d.ellipse((500 + shift, 580, 620 + shift, 704), fill=colour)
        d.rectangle((330 + shift, 220, 480 + shift, 270), fill=_shade(colour, 1.3))
        for y in (330, 380, 430):
            d.rectangle((330 + shift, y, 480 + shift, y + 16), fill=_shade(colour, 1.2))


def _knit(d: Draw, c: Colour) -> None:
    d.polygon(
        [
            (330, 250),
            (570, 250),
            (720, 380),
            (650, 480),
            (590, 430),
            (590, 720),
            (310, 720),
            (310, 430),
            (250, 480),
            (180, 380),
        ],
        fill=c,
    )
    d.pieslice((390, 190, 510, 310), 0, 180, fill=_shade(c, 0.6))
    for y in range(460, 700, 40):
        for x in range(330, 580, 40):
            d.line([(x, y), (x + 14, y + 20), (x + 28, y)], fill=_shade(c, 1.2), width=5)


_MOTIFS: dict[str, Callable[[Draw, Colour], None]] = {
    "jar": _jar, "bottle": _bottle, "sack": _sack, "root": _root,
    "cap": _cap, "bowl": _bowl, "sock": _sock, "knit": _knit,
}  # fmt: skip


def picture(motif: str, number: int) -> bytes:
    """A 640 x 640 JPEG; the same motif and number give the same picture."""
    fitting = _FITTING.get(motif, tuple(range(len(_TINTS))))
    return _drawn(motif, fitting[number % len(fitting)])


@cache
def _drawn(motif: str, tint: int) -> bytes:
    ground, colour = _TINTS[tint]
    image = Image.new("RGB", (SIZE, SIZE), ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((120, 90, 780, 750), fill=_shade(ground, 1.04))
    shadow = Image.new("L", (SIZE, SIZE), 0)
    ImageDraw.Draw(shadow).ellipse((240, 690, 680, 790), fill=90)
    image.paste(_shade(ground, 0.72), mask=shadow.filter(ImageFilter.GaussianBlur(24)))
    _MOTIFS[motif](draw, _shade(colour, 0.95 + (tint % 3) * 0.08))
    out = io.BytesIO()
    image.resize((SHOWN, SHOWN), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    return out.getvalue()
