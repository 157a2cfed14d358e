"""Each command, its answer, its exit code, and its sentence when something is wrong."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import passwords, sessions, tokens, workers
from engine.core import Core
from engine.db import Database
from tests.commands.conftest import Run
from web import cli
from web.commands.seeding import prepare
from web.settings import ROOT, from_environment
from web.wiring import SCHEMAS, open_city

CASE = ROOT / "processes" / "case_dispatch"
MakeDatabase = Callable[[str, str], str]


@pytest.fixture
def configured(make_database: MakeDatabase, database_kind: str, monkeypatch: pytest.MonkeyPatch, run: Run) -> str:
    """A city in the configured database; `run` was set up before."""
    url = make_database(database_kind, "city")
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_help_names_every_command_and_each_helps(run: Run) -> None:
    said = run("help")
    listed = [
        line.split(maxsplit=1) for line in said.out.splitlines() if line.startswith("    ") and "./run" not in line
    ]
    assert dict(listed) == cli.COMMANDS, "each word stands apart from what it does"
    for word in set(cli.COMMANDS) - {"help"}:
        assert run("help", word).out.startswith("usage: liandong " + word)
    unknown = run("frobnicate")
    assert (unknown.code, "./run help" in unknown.err) == (2, True)


def test_every_word_is_a_module_and_every_module_a_word() -> None:
    modules = {p.stem for p in (ROOT / "web" / "commands").glob("*.py")} - {
        "__init__",
        "bundles",
        "event_log",
        "seeding",
    }
    assert modules == {word.replace("-", "_") for word in cli.COMMANDS} - {"help"}


def test_a_new_city_from_nothing_to_its_first_administrator(run: Run) -> None:
    assert "Run: ./run migrate" in run("worker").err
    assert run("migrate").out.startswith("brought to revision")
    assert run("migrate").out.startswith("already at revision")
    assert "no administrator" in run("doctor").out
    assert run("admin", "boss", "--name", "王主任", "--password-stdin", stdin="short\n").code == 1
    assert run("admin", "boss", "--name", "王主任", "--password-stdin", stdin="long enough\n").code == 0
    again = run("admin", "other", "--password-stdin", stdin="long enough\n")
    assert (again.code, "already" in again.err) == (1, True)
    with closing(open_city(from_environment().database_url)) as city:
        actor = city.actor("boss")
        assert (actor.name, "administer" in actor.powers) == ("王主任", True)
        with city.core.db.read() as connection:
            people = connection.execute(text("SELECT count(*) FROM person")).scalar_one()
            stored = connection.execute(text("SELECT password_hash FROM person")).scalar_one()
    assert people == 1, "the people of the demonstration are not in a city for real work"
    assert passwords.is_right(stored, "long enough")
    assert actor.must_change, "whoever typed it first is not the only one who knows it"
    assert (
        run("admin", "keeper", "--post", "security_administrator", "--password-stdin", stdin="long enough\n").code == 0
    )
    with closing(open_city(from_environment().database_url)) as city:
        token, _ = sessions.log_in(city.core, "keeper", "long enough")
        said = run("admin", "--reset", "keeper")
        assert said.code == 0
        assert sessions.resume(city.core, token) is None
        new = re.search(r"logs in with   (\S+)", said.out)
        assert new is not None
        assert sessions.log_in(city.core, "keeper", new[1])[1].must_change
    assert run("admin", "--reset", "nobody").code == 1


def test_lint_tells_place_and_cause(run: Run, tmp_path: Path) -> None:
    assert run("lint", CASE).code == 0
    assert run("lint", CASE / "case_dispatch.bpmn").code == 0
    broken = tmp_path / "case_dispatch.bpmn"
    broken.write_text((CASE / "case_dispatch.bpmn").read_text().replace('file_decision = "void"', "file_decision ="))
    said = run("lint", broken)
    line = next(n for n, t in enumerate(broken.read_text().splitlines(), 1) if ">file_decision =<" in t)
    assert said.code == 1
    assert any(out.startswith(f"{broken}:{line}: ") for out in said.out.splitlines()), said.out
    assert run("lint", "--zh", broken).out != said.out
    beside = tmp_path / "beside"
    shutil.copytree(SCHEMAS / "case_dispatch", beside)
    shutil.copy(CASE / "case_dispatch.bpmn", beside)
    (beside / "facts.json").write_text('{"type": "object", "type": "object"}')
    said = run("lint", beside / "case_dispatch.bpmn")
    assert (said.code, "facts.json" in said.out) == (1, True), "a form beside it for which it would be refused"
    missing = run("lint", tmp_path / "none.bpmn")
    assert (missing.code, "none.bpmn" in missing.err) == (1, True)


def test_deploy_makes_a_version_or_none_at_all(run: Run, configured: str, tmp_path: Path) -> None:
    first = run("deploy", CASE / "case_dispatch.bpmn")
    assert "case_dispatch version 1" in first.out, "the same bundle is the same version"
    changed = tmp_path / "case_dispatch"
    changed.mkdir()
    diagram = (CASE / "case_dispatch.bpmn").read_text()
    (changed / "case_dispatch.bpmn").write_text(diagram.replace("城市管理案件处置", "案件处置"))
    for form in sorted((ROOT / "forms" / "schemas" / "case_dispatch").glob("*.json")):
        (changed / form.name).write_bytes(form.read_bytes())
    assert "case_dispatch version 2" in run("deploy", changed, "--by", "xuguangming").out
    assert run("deploy", changed, "--by", "lijianguo").code == 1
    (changed / "case_dispatch.bpmn").write_text(diagram.replace('file_decision = "void"', "file_decision ="))
    refused = run("deploy", changed)
    assert refused.code == 1
    assert "case_dispatch.bpmn:" in refused.err
    with closing(open_city(configured)) as city:
        assert city.definition("case_dispatch").version == 2


def test_tokens_are_made_listed_and_revoked(run: Run, configured: str) -> None:
    token = run("token", "make", "lijianguo", "--name", "kiosk", "--days", "3").out.strip()
    with closing(open_city(configured)) as city:
        actor = tokens.resume(city.core, token)
        assert actor is not None
        assert actor.login == "lijianguo"
        listed = run("token", "list").out
        assert "kiosk" in listed
        assert token not in listed
        assert run("token", "revoke", listed.split()[0]).code == 0
        assert tokens.resume(city.core, token) is None
    assert run("token", "revoke", 99).code == 1
    assert run("token", "make", "nobody").code == 1


def test_backup_and_restore(
    run: Run, configured: str, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "city.tar.gz"
    assert "rows" in run("backup", file).out
    assert run("backup", file).code == 1
    refused = run("restore", file)
    assert (refused.code, "not empty" in refused.err) == (1, True)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert "all verified" in run("restore", file).out
    file.write_bytes(b"something else")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'third.db'}")
    assert run("restore", file).code == 1


def test_export_writes_the_rows_of_a_world(run: Run, configured: str, tmp_path: Path) -> None:
    with closing(open_city(configured)) as city:
        city.start(
            "case_dispatch", {"source": "collector", "title": "井盖缺失", "area": "yuanlin", "place": "x"}, "lijianguo"
        )
    said = run("export", tmp_path / "out")
    assert (said.code, said.out.startswith("world 1,")) == (0, True)
    assert len((tmp_path / "out" / "instances.csv").read_text(encoding="utf-8-sig").splitlines()) == 2
    assert run("export", tmp_path / "none", "--world", 99).code == 1


def test_doctor_names_each_fault_and_what_mends_it(
    run: Run, configured: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = run("doctor")
    assert said.code == 1
    faults = {line[8:].strip() for line in said.out.splitlines() if line.startswith("WRONG")}
    assert any("no worker" in f for f in faults)
    assert any("no administrator" in f for f in faults)
    with closing(Database(configured)) as database:
        workers.enlist(Core(database))
        with database.write() as connection:
            connection.execute(text("UPDATE definition_file SET content = :c"), {"c": b"no BPMN"})
    said = run("doctor")
    assert "1 worker(s) at work" in said.out
    assert "cannot be read" in said.out
    with closing(Database(configured)) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "./run migrate" in run("doctor").out
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    said = run("doctor")
    assert "cannot be reached" in said.out
    assert "pg_isready" in said.out
    assert "secret" not in said.out
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'nothing.db'}")
    assert "./run migrate" in run("doctor").out


def test_a_database_that_cannot_be_reached_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    said = run("migrate")
    assert said.code == 1
    assert "./run doctor" in said.err
    assert "Traceback" not in said.err


def test_the_secret_is_made_once_and_only_its_owner_reads_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LIANDONG_SECRET", raising=False)
    found = from_environment()
    secret = found.secret()
    assert from_environment().secret() == secret
    assert len(secret) >= 32
    assert found.secret_file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("LIANDONG_SECRET", "from the environment")
    assert found.secret() == b"from the environment"


def test_urls_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://owner:a@host/name")
    monkeypatch.setenv("APP_DATABASE_URL", "postgresql://app:b@host/name")
    found = from_environment()
    assert found.database_url == "postgresql+psycopg://owner:a@host/name"
    assert found.app_role == "app"


def test_shipped_content_comes_in_once_and_changes_of_the_city_stay(run: Run) -> None:
    found = from_environment()
    assert prepare(found) is True
    assert prepare(found) is False
    with closing(open_city(found.database_url)) as city:
        before = city.definition("case_dispatch").version
        diagram = (CASE / "case_dispatch.bpmn").read_text().replace("城市管理案件处置", "本市的案件处置")
        forms = {p.name: p.read_bytes() for p in (ROOT / "forms" / "schemas" / "case_dispatch").glob("*.json")}
        city.deploy({"case_dispatch.bpmn": diagram.encode(), **forms}, "xuguangming")
        with city.core.db.write() as connection:
            connection.execute(text("UPDATE setting SET value = :v WHERE key = 'seeded'"), {"v": json.dumps("older")})
    prepare(found)
    with closing(open_city(found.database_url)) as city:
        assert city.definition("case_dispatch").version == before + 1


def test_the_days_of_a_token_have_an_end(run: Run, configured: str) -> None:
    assert run("token", "make", "lijianguo", "--days", "9999").code == 1
