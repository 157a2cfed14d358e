"""`./run export-xes` and `export-ocel` as somebody types them."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select

from engine.tables import audit
from tests.bench.story import YOUNG, Walker
from tests.commands.conftest import Run
from web.wiring import open_city


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_logs_are_written_and_recorded(
    city_url: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", city_url)
    with closing(open_city(city_url)) as city:
        walker = Walker(city)
        walker.walk(walker.start(), YOUNG)
    said = run("export-xes", tmp_path / "log.xes.gz", "--english")
    assert said.code == 0, said.err
    assert ": 1 cases, " in said.out
    root = etree.fromstring(gzip.decompress((tmp_path / "log.xes.gz").read_bytes()))
    assert len(root.findall("{http://www.xes-standard.org/}trace")) == 1
    assert run("export-ocel", tmp_path / "log.jsonocel", "--process", "case_dispatch").code == 0
    assert json.loads((tmp_path / "log.jsonocel").read_text(encoding="utf-8"))["events"]
    assert run("export-ocel", tmp_path / "none.jsonocel", "--to", "2001-01-01").code == 0
    assert json.loads((tmp_path / "none.jsonocel").read_text(encoding="utf-8"))["events"] == []
    with closing(open_city(city_url)) as city, city.core.db.read() as connection:
        told = connection.execute(select(audit.c.about).where(audit.c.kind == "exported")).scalars().all()
    assert sorted(told) == ["command:export-ocel", "command:export-ocel", "command:export-xes"]
