"""Promise 23: the reporter stays hidden. A name, a telephone number and the place in a photo are planted; then every page, answer of the
API, file, search, export, backup, log line and error is read as every post, and holds none of them. Reading them by right is audited."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from engine import backup, identities, privacy, tokens, unmasking
from engine.tables import LIVE, alarm, audit, membership, person, post
from tests.bench.story import YOUNG, Walker
from tests.db.test_identities import places
from tests.factories import LEADER, say
from tests.web.matrix import Matrix
from tests.web.test_work import photo
from tests.web.visitor import ACCEPTOR, COLLECTOR, Visit, Visitor, words
from web import logs
from web.city import City
from web.export import export

NAME, PHONE, PLACE = "金丝雀女士", "13900001111", "canaryphone"
CANARIES = (NAME, PHONE, PLACE)
NAMED = {
    "source": "hotline_12345",
    "title": "章华中路井盖缺失",
    "area": "yuanlin",
    "place": "章华中路 18 号",
    "reporter_name": NAME,
    "reporter_phone": PHONE,
}
WHY = "电话回访，核对地点"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is stored is looked at on both in tests/db/test_identities.py


@pytest.fixture
def named(visit: Visit, app: Flask, city: City) -> Matrix:
    """A case of a named reporter with a photo, worked until a unit has it; and a token of somebody for each set of powers."""
    answer = visit(ACCEPTOR).submit("/report", "/report", **NAMED, photos=(photo(PLACE), "IMG_0001.jpg"))
    assert answer.status_code == 303
    case = int(answer.headers["Location"].rpartition("/")[2])
    Walker(city).walk(case, YOUNG)
    found = Matrix(app, city)
    found.cases["own"] = case
    found.tasks["own"] = city.tasks(case)[0].ref
    found.files["own"] = city.instance(case)["facts"]["photos"][0]
    with city.core.db.read() as connection:
        holders = connection.execute(
            select(post.c.key, person.c.login, post.c.powers)
            .join(membership, membership.c.post_key == post.c.key)
            .join(person, person.c.id == membership.c.person_id)
            .where(person.c.active)
            .order_by(person.c.id.desc())
        ).all()
    kinds = {frozenset(row.powers): row.key for row in holders}
    logins = {row.key: row.login for row in holders if row.key in kinds.values()}
    logins["handler_of_the_case"] = Walker(city).who("SignFor")
    for role, login in logins.items():
        found.tokens[role] = tokens.create(city.core, login, "canary", timedelta(days=1))
    return found


def read_everything(matrix: Matrix, roles: list[str]) -> Iterator[tuple[str, str, str]]:
    """Role, address and text of every answer to every GET route of the program, and of searches for what must not be found."""
    for role in roles:
        client = matrix.app.test_client()
        headers = {"Accept-Language": "zh-CN", "Authorization": f"Bearer {matrix.tokens[role]}"}
        paths = [
            address(matrix, rule)
            for rule in matrix.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint != "static"
        ]
        case = matrix.cases["own"]
        paths += [
            f"/cases/{case}?all=1",
            f"/files/{case}/{matrix.files['own']}?small=1",
            "/inbox?tab=unit",
            "/cases?q=章华",
        ]
        for path in paths:
            answer = client.get(path, headers=headers)
            assert answer.status_code < 500, (role, path)
            yield role, path, text_of(answer.get_data())
        for canary in CANARIES[:2]:
            for path in (f"/cases?q={canary}", f"/cases.xlsx?q={canary}", f"/api/v1/instances?q={canary}"):
                text = text_of(client.get(path, headers=headers).get_data())
                assert str(case) not in text, f"{role} finds the case by {canary}"


def address(matrix: Matrix, rule: Rule) -> str:
    """A route's address for the case; what the matrix does not know of is the first of its kind."""
    values = {}
    for name in rule.arguments:
        try:
            values[name] = matrix.value(rule, name, "own")
        except AssertionError:
            values[name] = 1
    return matrix.app.url_map.bind("").build(rule.endpoint, values)


def text_of(content: bytes) -> str:
    """A body as a reader would unpack it: sheets out of their archive, JSON out of its escapes."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    text = content.decode(errors="replace")
    try:
        return text + json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def leaks(read: Iterator[tuple[str, str, str]]) -> list[str]:
    return [f"{role} {path}: {canary}" for role, path, text in read for canary in CANARIES if canary in text]


def test_no_page_answer_file_or_search_shows_who_reported(
    named: Matrix, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = list(read_everything(named, list(named.tokens)))
    assert leaks(iter(read)) == []
    pages = {path for role, path, text in read if role == "acceptor" and "<h1" in text}
    assert {f"/cases/{named.cases['own']}", f"/cases/{named.cases['own']}/print"} <= pages
    say(capsys, answers_read=len(read), roles=len(named.tokens), canaries=0)

    monkeypatch.setattr(identities, "split", lambda _form, answers: (dict(answers), {}))  # the planted bug
    monkeypatch.setattr(privacy, "hidden_facts", lambda _connection: frozenset())
    named.cases["own"] = named.city.start("case_dispatch", NAMED, ACCEPTOR)
    named.tasks["own"] = named.city.tasks(named.cases["own"])[0].ref
    assert leaks(read_everything(named, ["acceptor"])), "a canary in the facts is seen"


def test_no_export_backup_log_or_error_holds_who_reported(
    named: Matrix,
    visit: Visit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    city = named.city
    export(city.core, tmp_path / "export", LIVE)
    backup.write(city.core.db, tmp_path / "backup.tar.gz")
    plain = "".join(file.read_text() for file in (tmp_path / "export").iterdir())
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress((tmp_path / "backup.tar.gz").read_bytes()))) as archive:
        members = [archive.extractfile(member) for member in archive.getmembers()]
        plain += "".join(member.read().decode(errors="replace") for member in members if member is not None)
    for canary in CANARIES:
        assert canary not in plain
        assert json.dumps(canary)[1:-1] not in plain
    assert "章华中路" in plain
    assert places(city.core.db, *CANARIES) == []

    logs.configure()
    clerk = visit(ACCEPTOR)
    wrong = clerk.submit("/report", "/report", **{**NAMED, "place": "", "reporter_phone": PHONE})
    assert (wrong.status_code, PHONE in wrong.text) == (422, True), "who typed it gets it back to mend the rest"
    monkeypatch.setattr("engine.instances.writing.commit", lambda *_: 1 / 0)
    broken = clerk.submit("/report", "/report", **NAMED)
    assert broken.status_code == 500
    written = capsys.readouterr()
    assert "ZeroDivisionError" in written.err
    for canary in CANARIES:
        assert canary not in broken.text
        assert canary not in written.err + written.out


def test_it_is_shown_once_to_who_may_know_and_says_why(named: Matrix, visit: Visit) -> None:
    case = named.cases["own"]
    leader, page = visit(LEADER), f"/cases/{case}"
    shown = leader.get(page).text
    assert "来件人、联系电话" in words(shown)
    assert NAME not in shown
    assert leader.submit(page, f"{page}/identity", reason=" ").status_code == 422
    once = leader.submit(page, f"{page}/identity", reason=WHY)
    assert once.status_code == 200, words(once.text)
    assert NAME in once.text
    assert PHONE in once.text
    assert once.headers["Cache-Control"] == "no-store"
    assert NAME not in leader.get(page).text
    with named.city.core.db.read() as connection:
        row = connection.execute(select(audit).where(audit.c.kind == "unmasked")).mappings().one()
    assert (row["data"]["reason"], row["about"]) == (WHY, f"case:{case}")
    assert row["origin"]

    collector = visit(COLLECTOR)
    assert "/identity" not in collector.get(page).text
    token = collector.form("/", "/logout")
    assert collector.post(f"{page}/identity", {**token, "reason": WHY}).status_code == 403
    english = visit(LEADER, "en")
    assert "Learn who it was" in english.get(page).text
    assert leader.submit(page, f"{page}/identity/erase", reason="本人来电").status_code == 303
    assert "Deleted for ever" in leader.get(page).text


def test_alarms_are_looked_at_by_the_security_administrator(named: Matrix, visit: Visit, city: City) -> None:
    for n in range(11):
        unmasking.unmask(city.core, city.start("case_dispatch", {**NAMED, "title": f"案件 {n}"}, ACCEPTOR), LEADER, WHY)
    with city.core.db.read() as connection:
        login = connection.execute(
            select(person.c.login)
            .join(membership, membership.c.person_id == person.c.id)
            .where(membership.c.post_key == "security_administrator")
        ).scalar()
    keeper: Visitor = visit(login)
    page = keeper.get("/alarms")
    assert "一小时内查看了 11 个案件的来件人身份（上限 10）" in words(page.text)
    assert keeper.submit("/alarms", "/alarms/seen").status_code == 303
    assert "都已查看" in keeper.get("/alarms").text
    assert visit(LEADER).get("/alarms").status_code == 403
    with city.core.db.read() as connection:
        assert connection.execute(select(alarm.c.seen_by)).scalar_one() == city.actor(str(login)).id
        assert connection.execute(select(audit.c.kind).where(audit.c.kind == "alarm_seen")).scalar_one()
