"""The dossier on paper: a PDF by typst, with the data file attached. Deterministic: the same data file, fonts and version of typst give the
same bytes."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from engine.errors import LiandongError
from escalation.dossier import canonical
from escalation.dossier.canonical import digest_of
from escalation.dossier.view import View

TEMPLATE = Path(__file__).with_name("paper.typ")


class NoFonts(LiandongError):
    """The fonts of the pages are not there."""

    code = "no_fonts"
    status = 503
    zh = "缺少中文字体，无法生成 PDF：请先运行一次 ./run，或用 LIANDONG_FONTS 指定字体目录（已找：{where}）。"
    en = "There is no Chinese font, so no PDF can be made: run ./run once, or name a folder in LIANDONG_FONTS (looked in {where})."


class NotPrinted(LiandongError):
    """Typst could not do it."""

    code = "dossier_not_printed"
    status = 500
    zh = "无法生成 PDF：{why}。"
    en = "The PDF could not be made: {why}."


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
    if not any(folder.is_dir() and any(folder.glob("*.ttf")) for folder in fonts):
        raise NoFonts(where=", ".join(map(str, fonts)) or "-")
    document = canonical.read(content)
    view = View(document, content, name, language, city)
    told = {**view.told(), "qr": _qr(digest_of(content))}
    given: dict[str, Any] = {"data": json.dumps(told, ensure_ascii=False), "dossier": content.decode()}
    try:
        made: Any = typst.compile(
            TEMPLATE.read_bytes(),
            font_paths=_fonts(tuple(fonts)),
            format=kind,
            ppi=96.0,
            sys_inputs=given,
            timestamp=int(view.until.timestamp()),
        )
    except typst.TypstError as error:
        raise NotPrinted(why=str(error)[:300]) from error
    return made if isinstance(made, list) else [made]


@cache
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    """Fonts are read once: only these and typst's own, for those of a machine differ."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(f) for f in folders])


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=1, dark="#1a1a1a")
    return drawn.getvalue().decode()
