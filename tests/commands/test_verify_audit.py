"""./run verify-audit as an auditor types it: its words, its exit codes, on both databases."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.audit import checkpoints
from engine.audit.copies import copy_for
from engine.tables import history
from tests.commands.conftest import Run
from tests.conftest import MakeDatabase
from tests.factories import COLLECTOR, REPORT
from web.wiring import open_city


def test_it_says_in_words_and_exit_code_whether_the_records_are_whole(
    run: Run, make_database: MakeDatabase, database_kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = make_database(database_kind, "city")
    monkeypatch.setenv("DATABASE_URL", url)
    with closing(open_city(url)) as city:
        case = city.start("case_dispatch", REPORT, COLLECTOR)
        unsealed = run("verify-audit")
        assert (unsealed.code, "there is no checkpoint" in unsealed.out) == (1, True)
        checkpoints.make(city.core)
        keys = list(copy_for(city.core.db.url).folder.glob("*.pub"))
        whole = run("verify-audit", "--key", keys[0], "--json", tmp_path / "out.json")
        assert (whole.code, "The records are whole." in whole.out) == (0, True)
        assert json.loads((tmp_path / "out.json").read_text())["good"] is True
        city.comment(case, "还没有封存", COLLECTOR)
        late = run("verify-audit", "--language", "zh")
        assert (late.code, "1 行尚未封存" in late.out) == (0, True)
        with city.core.db.write() as connection:
            connection.execute(
                update(history).where(history.c.instance_id == case, history.c.seq == 0).values(node="x")
            )
        broken = run("verify-audit")
        assert (broken.code, f"case:{case} #0" in broken.out, "NOT whole" in broken.out) == (1, True, True)
        assert run("verify-audit", "--copy", tmp_path / "nowhere").out.count("no copy of the checkpoints outside") == 1
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'nothing.db'}")
    assert run("verify-audit").code == 2
    assert run("verify-audit", "--frobnicate").code == 2


def test_a_restored_backup_is_accepted_with_a_reason(
    run: Run, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_database("sqlite", "city")
    monkeypatch.setenv("DATABASE_URL", url)
    with closing(open_city(url)) as city:
        for _ in range(2):
            city.start("case_dispatch", REPORT, COLLECTOR)
            checkpoints.make(city.core)
        with city.core.db.write() as connection:  # as in a backup of a moment before
            connection.exec_driver_sql("DELETE FROM checkpoint WHERE n = 2")
        assert "only in the copy outside" in run("verify-audit").out
        said = run("verify-audit", "--accept", "restored after a power cut")
        assert (said.code, "restored after a power cut" in said.out) == (0, True)
