"""A PDF by typst from a template and data. Everything printed comes as data, as text: nothing of a case is ever read as markup. The same
data, fonts and version of typst give the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from engine.errors import LiandongError


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


def printed(
    template: Path,
    data: Mapping[str, Any],
    fonts: Sequence[Path],
    at: datetime,
    kind: Literal["pdf", "png"] = "pdf",
    **beside: str,
) -> list[bytes]:
    """A template filled with `data` (its `sys.inputs.data`, JSON) and texts `beside`. `fonts`: folders that hold Noto Sans SC; `at`: when
    it says it was made. One PDF, or a PNG for each page. NoFonts, NotPrinted."""
    if not any(folder.is_dir() and any(folder.glob("*.ttf")) for folder in fonts):
        raise NoFonts(where=", ".join(map(str, fonts)) or "-")
    try:
        made: Any = typst.compile(
            template.read_bytes(),
            font_paths=_fonts(tuple(fonts)),
            format=kind,
            ppi=96.0,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False), **beside},
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise NotPrinted(why=str(error)[:300]) from error
    return made if isinstance(made, list) else [made]


def qr(text: str) -> str:
    """A QR code as SVG for a template."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=1, dark="#1a1a1a")
    return drawn.getvalue().decode()


@cache
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    """Fonts are read once: only these and typst's own, for those of a machine differ."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(f) for f in folders])
