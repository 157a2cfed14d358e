"""The dossier on paper: a PDF by typst, with the data file attached. Deterministic: the same data file, fonts and version of typst give the
same bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from escalation.dossier import canonical
from escalation.dossier.canonical import digest_of
from escalation.dossier.view import View
from escalation.papers.setting import NoFonts, NotPrinted, printed, qr

__all__ = ["NoFonts", "NotPrinted", "attached", "pictures", "render"]

TEMPLATE = Path(__file__).with_name("paper.typ")


def render(content: bytes, name: str, fonts: Sequence[Path], language: str = "zh", city: str = "") -> bytes:
    """The PDF of a dossier. `fonts`: folders that hold Noto Sans SC. NoFonts when they do not."""
    return _compile(content, name, fonts, language, city, "pdf")[0]


def pictures(content: bytes, name: str, fonts: Sequence[Path], language: str = "zh") -> list[bytes]:
    """The same as PNG, a page each: to look at."""
    return _compile(content, name, fonts, language, "", "png")


def attached(pdf: bytes) -> bytes | None:
    """The data file in a PDF that was made here; none where there is none. The streams are unpacked one by one, so that no library of
    PDF is needed to verify."""
    for found in re.finditer(rb"stream\r?\n", pdf):
        packed = pdf[found.end() :]
        head = packed[:_PEEK]
        try:
            peeked = zlib.decompressobj().decompress(head, _PEEK) if head[:1] == b"\x78" else head
        except zlib.error:
            continue
        if peeked.startswith(_BEGINS):
            if head[:1] != b"\x78":
                return packed[: packed.find(b"\nendstream")]
            try:
                return zlib.decompressobj().decompress(packed, MOST_BYTES)
            except zlib.error:
                return None
    return None


MOST_BYTES = 200_000_000
"""A data file unpacked from a PDF is not larger."""
_PEEK = 4096
_BEGINS = b'{"hash":"sha256:'


def _compile(
    content: bytes, name: str, fonts: Sequence[Path], language: str, city: str, kind: Literal["pdf", "png"]
) -> list[bytes]:
    document = canonical.read(content)
    view = View(document, content, name, language, city)
    told = {**view.told(), "qr": qr(digest_of(content))}
    return printed(TEMPLATE, told, fonts, view.until, kind, dossier=content.decode())
