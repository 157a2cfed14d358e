"""Golden files of the report to the assessment office: its paper as pictures, its workbook cell by cell. What is laid out lies beside them
as JSON: figures may change without these. After a change of the layout: `GOLDEN=write pytest` of this file, and look at what it wrote."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFilter

from engine import sheets
from escalation.papers import assessment as paper
from web import assessment_files, fonts
from web.assessment_tables import Table

HERE = Path(__file__).with_name("assessment")
SEEN = Path(__file__).resolve().parents[2] / "var" / "screenshots"
AT = datetime(2026, 6, 2, 2, tzinfo=UTC)
WRITE = os.environ.get("GOLDEN") == "write"
SCALE = 0.75
"""Of 72 dots an inch: small, and still to be read."""
FAINT = 40
"""Of 255: how much a blurred dot may differ; anything that moved differs more."""


def told(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{language}.json").read_text())
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_looks_as_it_did(language: str) -> None:
    document = pypdfium2.PdfDocument(paper.render(told(language)["paper"], AT, fonts.folders(), language)[0])
    found = [page.render(scale=SCALE).to_pil().convert("L") for page in document]
    SEEN.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(document, 1):
        page.render(scale=1.6).to_pil().save(SEEN / f"assessment-paper-{language}-{number}.png")
    if WRITE:
        for old in HERE.glob(f"{language}-*.png"):
            old.unlink()
        for number, image in enumerate(found, 1):
            image.quantize(64, dither=Image.Dither.NONE).save(HERE / f"{language}-{number:02}.png", optimize=True)
    golden = [Image.open(path).convert("L") for path in sorted(HERE.glob(f"{language}-*.png"))]
    assert len(found) == len(golden)
    for number, (one, kept) in enumerate(zip(found, golden, strict=True), 1):
        assert one.size == kept.size, number
        differs = ImageChops.difference(*(each.filter(ImageFilter.BoxBlur(2)) for each in (one, kept)))
        most = differs.getextrema()[1]
        assert isinstance(most, int | float)
        assert most <= FAINT, f"page {number} differs around {differs.point(lambda v: 255 * (v > FAINT)).getbbox()}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_is_as_it_was(language: str) -> None:
    parts = [assessment_files.sheet(Table(**one)) for one in told(language)["book"]]
    book = openpyxl.load_workbook(io.BytesIO(sheets.write_book(parts, ZoneInfo("Asia/Shanghai"))))
    lines = []
    for sheet in book:
        across = sheet.page_setup.fitToWidth
        lines.append(f"## {sheet.title} {sheet.freeze_panes} {sheet.print_area} {sheet.print_titles} {across} across")
        lines.append(" ".join(f"{letter}:{one.width:g}" for letter, one in sheet.column_dimensions.items()))
        for row in sheet.iter_rows():
            cells = [
                f"{cell.value} {'' if cell.number_format == 'General' else cell.number_format}"
                f"{'/' + cell.alignment.horizontal if cell.alignment.horizontal else ''}{'~' * bool(cell.alignment.wrap_text)}".strip()
                for cell in row
            ]
            lines.append(" | ".join(cells))
    said, kept = "\n".join(lines) + "\n", HERE / f"book-{language}.txt"
    if WRITE:
        kept.write_text(said)
    assert said == kept.read_text()
