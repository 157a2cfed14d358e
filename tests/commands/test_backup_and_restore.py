"""Backup and restore as somebody types them: each in a process of its own, that has imported only what the command itself does."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

import escalation.tables  # noqa: F401  its tables belong to the schema
from engine.backup import format as shape
from engine.backup.reading import MADE_BY_MIGRATIONS
from engine.backup.writing import NOT_KEPT
from engine.db import Database
from engine.migrations import ABOVE
from engine.tables import metadata
from tests.commands.conftest import Said
from tests.factories import case_at
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def typed(url: str, *arguments: object, folder: Path) -> Said:
    environment = {**os.environ, "DATABASE_URL": url, "LIANDONG_AUDIT_DIR": str(folder / "audit")}
    command = [sys.executable, "-m", "web.cli", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


def rows(url: str) -> dict[str, int]:
    with closing(Database(url)) as db, db.read() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            each.name: connection.execute(select(func.count()).select_from(each)).scalar_one()
            for each in metadata.sorted_tables
            if each.name in there and each.name not in NOT_KEPT
        }


def test_what_comes_back_is_all_that_was_there(city: City, city_url: str, tmp_path: Path) -> None:
    case_at(city, "Check")
    file, other = tmp_path / "a.tar.gz", f"sqlite:///{tmp_path / 'other.db'}"
    saved = typed(city_url, "backup", file, folder=tmp_path)
    assert saved.code == 0, saved.err
    back = typed(other, "restore", file, folder=tmp_path)
    assert back.code == 0, back.err
    before = rows(city_url)
    assert rows(other) == before
    assert before["clock"] > 0
    assert f"{sum(before.values())} rows" in saved.out
    said = typed(other, "verify-audit", folder=tmp_path).out
    assert [line for line in said.splitlines() if line.startswith("FOUND") and "checkpoint" not in line] == []
    assert "chains" in said


def test_the_tables_of_packages_above_are_known() -> None:
    script = "import engine.tables as t; print(*t.metadata.tables)"
    below = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert set(metadata.tables) - set(below) == ABOVE


def test_a_program_that_knows_no_table_of_a_package_above_writes_no_backup(city_url: str, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from engine import backup; from engine.db import Database\n"
        "backup.write(Database(sys.argv[1]), pathlib.Path(sys.argv[2]))"
    )
    file = tmp_path / "half.tar.gz"
    done = subprocess.run([sys.executable, "-c", script, city_url, file], capture_output=True, text=True, check=False)
    assert "import the packages that declare" in done.stderr
    assert not file.exists()


def test_a_backup_that_lacks_a_table_restores_nothing(city: City, city_url: str, tmp_path: Path) -> None:
    case_at(city, "File")
    whole, half = tmp_path / "a.tar.gz", tmp_path / "half.tar.gz"
    assert typed(city_url, "backup", whole, folder=tmp_path).code == 0
    without(whole, half, "clock")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    back = typed(other, "restore", half, folder=tmp_path)
    assert back.code == 1
    assert "lacks the tables clock" in back.out + back.err or "缺少表 clock" in back.out + back.err
    assert not any(count for name, count in rows(other).items() if name not in MADE_BY_MIGRATIONS)


def without(whole: Path, half: Path, name: str) -> None:
    """A backup as a program would write it that does not know this table."""
    with tarfile.open(whole) as old, tarfile.open(half, "w:gz") as new:
        for info in old:
            if info.name.startswith(f"tables/{name}/"):
                continue
            file = old.extractfile(info)
            assert file is not None
            content = file.read()
            if info.name in {shape.MANIFEST, shape.SUMS}:
                document = json.loads(content)
                del document["tables"][name]
                content = json.dumps(document).encode()
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
