"""A form as it was filled in, on paper: for signing by hand, for the file, for whoever asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from escalation.papers.setting import printed

TEMPLATE = Path(__file__).with_name("form.typ")


@dataclass(frozen=True, slots=True)
class Table:
    """Repeating rows: the titles of their columns, and the texts."""

    label: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Filled:
    """What is printed, in the reader's language. `signs`: who filled it in, when, and places to sign; `stamp` stands across each page
    (a draft, a drill)."""

    title: str
    subject: str
    process: str
    number: str
    rows: list[tuple[str, str]]
    tables: list[Table] = field(default_factory=list)
    signs: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""
    stamp: str = ""


def render(
    filled: Filled,
    at: datetime,
    when: str,
    fonts: Sequence[Path],
    language: str = "zh",
    city: str = "",
    kind: Literal["pdf", "png"] = "pdf",
) -> list[bytes]:
    """One PDF, or a PNG for each page. `at`, `when`: the instant of printing, and as it is told. NoFonts, NotPrinted."""
    chinese = language.startswith("zh")
    data = {
        **asdict(filled),
        "city": city,
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "number-line": f"编号：{filled.number}" if chinese else f"Number: {filled.number}",
        "printed": f"打印于 {when}" if chinese else f"printed {when}",
        "page": "第 {1} 页 共 {2} 页" if chinese else "page {1} of {2}",
        "empty": "（未填）" if chinese else "(left empty)",
    }
    return printed(TEMPLATE, data, fonts, at, kind)
