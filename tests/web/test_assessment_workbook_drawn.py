"""The workbook of a report as an office program draws it: every sheet a picture in var/screenshots, for people to look at."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from engine.clock import ManualClock
from tests import assessing
from tests.web.visitor import Visit
from web.city import City

ASSESSOR = "yuanzhigang"
WHERE = "period=2026-05"
MIDDLE = datetime(2026, 5, 15, tzinfo=UTC)
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def drawn(workbook: Path, folder: Path) -> pypdfium2.PdfDocument:
    """As LibreOffice prints it."""
    office = shutil.which(os.environ.get("LIANDONG_OFFICE", "soffice"))
    if office is None:
        pytest.fail("Drawing a workbook needs LibreOffice Calc: ./run test long installs it or says how.")
    own = f"-env:UserInstallation=file://{folder / 'office'}"
    command = [office, own, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(folder)})
    assert done.returncode == 0, done.stdout + done.stderr
    return pypdfium2.PdfDocument(workbook.with_suffix(".pdf"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_sheet_is_drawn_whole(city: City, clock: ManualClock, visit: Visit, tmp_path: Path, language: str) -> None:
    clock.set(datetime(2026, 6, 2, 2, tzinfo=UTC))
    assessing.populate(city, 250, MIDDLE)
    reader = visit(ASSESSOR, language)
    assert reader.submit(f"/assessment?{WHERE}", "/assessment/close").status_code == 303
    file = tmp_path / "report.xlsx"
    file.write_bytes(reader.get(f"/assessment/report.xlsx?{WHERE}").data)
    book = openpyxl.load_workbook(file)
    document = drawn(file, tmp_path)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for old in SCREENSHOTS.glob(f"assessment-workbook-{language}-*.png"):
        old.unlink()
    several: dict[str, list[str]] = {sheet.title: [] for sheet in book}
    titles, at = list(several), 0
    for number, page in enumerate(document, 1):
        text = page.get_textpage().get_text_bounded()
        page.render(scale=1.5).to_pil().save(SCREENSHOTS / f"assessment-workbook-{language}-{number:02}.png")
        assert "##" not in text, f"page {number} has a number that its column is too narrow for"
        assert f"{number} / {len(document)}" in text
        lines = [line.strip() for line in text.splitlines()]
        while titles[at] not in lines:  # sheets come in their order
            at += 1
        several[titles[at]].append(text)
    for sheet in book:
        pages = several[sheet.title]
        assert pages, sheet.title
        down = len(pages) / (sheet.page_setup.fitToWidth or 1)
        assert down <= 1 + sheet.max_row / 15, f"{sheet.title} is spread over {len(pages)} pages"
        head = str(sheet.cell(1, 1).value).split()[0]
        assert all(head in text for text in pages), f"{sheet.title}: a page without its head"
        whole = "".join("".join(pages).split())
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    missing = [word for word in cell.value.split() if word not in whole and len(word) < 8]
                    assert not missing, (sheet.title, cell.coordinate, missing)
