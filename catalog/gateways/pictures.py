"""Pictures through Pillow: what a file really is, and its WebP copies without metadata."""

import hashlib
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps

from catalog.errors import PictureTooLarge, PictureUnreadable

BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIDE_MAX = 12_000
WIDTHS = (320, 800, 1600)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 80
ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True)
class Rendered:
    """A picture ready to be stored: its digest, its size, and (width, height, WebP bytes)."""

    digest: str
    width: int
    height: int
    copies: tuple[tuple[int, int, bytes], ...]

    @property
    def sizes(self) -> list[list[int]]:
        return [[width, height] for width, height, _data in self.copies]


def render(data: bytes) -> Rendered:
    """The copies of a picture. The format is read from the bytes, never from a name.

    Upright by its EXIF orientation, then without EXIF, ICC profile or comments; the first frame
    of an animation; never enlarged. Raises PictureUnreadable, PictureTooLarge.
    """
    if len(data) > BYTES_MAX:
        raise PictureTooLarge(
            _("The file has %(bytes)s bytes; at most %(limit)s.")
            % {"bytes": len(data), "limit": BYTES_MAX},
            field="file",
            limit=BYTES_MAX,
        )
    image = _opened(data)
    copies: list[tuple[int, int, bytes]] = []
    for width in WIDTHS:
        if copies and width > image.width and copies[-1][0] >= image.width:
            break  # not enlarged: the copy before is the whole picture
        target = min(width, image.width)
        height = max(1, round(image.height * target / image.width))
        copies.append((target, height, _webp(image, target, height)))
    digest = hashlib.sha256(data).hexdigest()
    return Rendered(digest, image.width, image.height, tuple(copies))


def _opened(data: bytes) -> Image.Image:
    """The upright picture in RGB or RGBA. The size is checked before any pixel is decoded."""
    try:
        found: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(found)
        if found.format == "JPEG":
            # Decodes at a half or a quarter where that is still above the widest copy.
            found.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
        found.load()
        found = ImageOps.exif_transpose(found)
        transparent = "A" in found.getbands() or "transparency" in found.info
        return found.convert("RGBA" if transparent else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(field="file") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise PictureUnreadable(
            _("The bytes aren't a whole picture in a known format."),
            field="file",
            formats=list(FORMATS),
        ) from error


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        raise PictureTooLarge(
            _("The picture has %(width)s x %(height)s pixels.")
            % {"width": width, "height": height},
            field="file",
            pixels=width * height,
            limit=PIXELS_MAX,
        )


def _webp(image: Image.Image, width: int, height: int) -> bytes:
    copy = image
    if (width, height) != image.size:
        copy = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()
