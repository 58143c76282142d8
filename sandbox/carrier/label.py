"""The label (面单): a PNG of 100 × 60 mm at 203 dpi with the number as bars and digits."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from sandbox.models import Waybill

SIZE = (800, 480)
# Interleaved 2 of 5: which of the five bars of a digit are wide
_WIDE = ("00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010")


def draw(row: Waybill) -> bytes:
    """The PNG. Letters the built-in font lacks are left out; the waybill itself has them all."""
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(44), ImageFont.load_default(24)
    pen.text((40, 30), "SANDBOX CARRIER", fill=0, font=large)
    pen.text((40, 95), f"{row.service}  {row.weight_grams / 1000:.3f} kg", fill=0, font=small)
    recipient = row.recipient
    lines = [recipient.get(name, "") for name in ("name", "line1", "city", "postcode", "country")]
    shown = [text for text in (_latin(line) for line in lines) if text]
    pen.multiline_text((40, 140), "\n".join(shown)[:300], fill=0, font=small)
    _bars(pen, row.no.removeprefix("SBX"), left=60, top=330, height=80)
    pen.text((60, 420), row.no, fill=0, font=small)
    pen.rectangle((10, 10, SIZE[0] - 10, SIZE[1] - 10), outline=0, width=3)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _latin(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isprintable()).strip()


def _bars(pen: ImageDraw.ImageDraw, digits: str, *, left: int, top: int, height: int) -> None:
    digits = digits if len(digits) % 2 == 0 else f"0{digits}"
    widths = [1, 1, 1, 1]
    for first, second in zip(digits[::2], digits[1::2], strict=True):
        for bar, gap in zip(_WIDE[int(first)], _WIDE[int(second)], strict=True):
            widths += [3 if bar == "1" else 1, 3 if gap == "1" else 1]
    widths += [3, 1, 1]
    place = left
    for number, width in enumerate(widths):
        if number % 2 == 0:
            pen.rectangle((place, top, place + width * 4 - 1, top + height), fill=0)
        place += width * 4
