"""Pictures from strangers, drawn anew: what comes out holds the pixels and nothing else, neither where nor with what it was taken."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import Invalid

MOST_PIXELS = 64_000_000
"""A picture of more is refused before it is unpacked (a bomb of 16 KB can unpack to gigabytes)."""
MOST_PIXELS_WHOLE = 25_000_000
"""The same for pictures that cannot be unpacked in a smaller size, as JPEG can: four bytes for each."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
THUMBNAIL_SIDE = 320
_QUALITY = 85
_INK = 40
"""Pixels that are not background: fewer are no signature."""
_ONE_AT_A_TIME = threading.Lock()
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # where warnings are errors
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew, and a small one for lists."""

    content: bytes
    type: str
    thumbnail: bytes


def type_of(content: bytes) -> str | None:
    """The media type of a picture by its first bytes; none when it is no picture we take."""
    if content[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:6] in {b"GIF87a", b"GIF89a"}:
        return "image/gif"
    return None


def redraw(content: bytes, most_side: int) -> Picture:
    """Draw a picture anew, upright, its longer side at most `most_side` pixels. Pictures with transparency stay PNG, all others
    become JPEG; of an animation the first frame stays. Invalid when it cannot be read or is too large to unpack. One at a time: what
    a process unpacks is bounded, however many are sent at once."""
    with _ONE_AT_A_TIME:
        return _redraw(content, most_side)


def is_blank(content: bytes) -> bool:
    """Whether a picture that was drawn anew shows nothing: one colour all over, or nothing but transparent. A few specks count as
    nothing."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        image = opened.convert("RGBA")
    flat = Image.new("RGBA", image.size, "white")
    flat.alpha_composite(image)
    counted = flat.convert("L").histogram()
    return sum(counted) - max(counted) < _INK


def _redraw(content: bytes, most_side: int) -> Picture:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            most = MOST_PIXELS if opened.format in {"JPEG", "MPO"} else MOST_PIXELS_WHOLE
            if opened.width * opened.height > most:
                raise Invalid(
                    why_zh=f"图片有 {opened.width} × {opened.height} 像素，太大",
                    why_en=f"the picture has {opened.width} × {opened.height} pixels, which is too many",
                )
            if opened.format in {"JPEG", "MPO"}:
                opened.draft("RGB", (most_side, most_side))  # unpack no more than is wanted
            image: Image.Image = ImageOps.exif_transpose(opened)
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except _UNREADABLE as error:
        raise Invalid(why_zh="图片已损坏，无法读取", why_en="the picture is damaged and cannot be read") from error
    image.info.clear()
    image.thumbnail((most_side, most_side), Image.Resampling.LANCZOS)
    transparent = image.mode == "RGBA"
    drawn = _saved(image, "PNG" if transparent else "JPEG")
    small = image
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    if transparent:
        white = Image.new("RGB", small.size, "white")
        white.paste(small, mask=small.getchannel("A"))
        small = white
    return Picture(drawn, "image/png" if transparent else "image/jpeg", _saved(small, "JPEG"))


def _saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG":
        image.save(out, "JPEG", quality=_QUALITY)
    else:
        image.save(out, "PNG", optimize=True)
    return out.getvalue()
