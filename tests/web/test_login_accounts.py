"""Accounts: who must change a password does nothing else, those who keep security keep others' accounts and never each other's, tokens
open what they are for, and a city in which nobody can log in gets its first three administrators once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from engine import tokens
from engine.login import first
from engine.passwords import set_password
from engine.tables import audit, person, session, setting
from tests.web.visitor import PASSWORD, Visit, Visitor, give_password
from web.city import City
from web.policies import CLOSED, STARTS, policy_of, scopes_of

KEEPER, AUDITOR, ADMINISTRATOR = "feiguoqing", "jiaqiaoyun", "shenjiahao"
WHO = "xiahexiang"
NEW = "a sentence only I know"


def is_inside(visitor: Visitor) -> bool:
    return visitor.get("/inbox").status_code == 200


def act(keeper: Visitor, person_id: int, what: str, reason: str = "本人申请") -> object:
    page = f"/accounts/{person_id}"
    return keeper.submit(page, page, act=what, reason=reason)


def test_who_must_change_the_password_does_nothing_else(visit: Visit, app: Flask, city: City) -> None:
    visitor = visit(WHO)
    token = tokens.create(city.core, WHO, "t", timedelta(days=1))
    program = {"Authorization": f"Bearer {token}"}
    assert visitor.client.get("/api/v1/me", headers=program).status_code == 200
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == WHO).values(must_change=True))
    asked = 0
    for rule in app.url_map.iter_rules():
        names = policy_of(app, rule.endpoint) or ()
        if "GET" not in (rule.methods or ()) or rule.arguments or "public" in names:
            continue
        if getattr(app.view_functions[rule.endpoint], "owing", False):
            continue
        answer = visitor.get(rule.rule)
        if rule.rule.startswith("/api/"):
            assert (answer.status_code, answer.json["code"]) == (403, "password_must_change"), rule.rule  # type: ignore[index]
        else:
            assert (answer.status_code, answer.headers.get("Location")) == (303, "/password"), rule.rule
        asked += 1
    assert asked > 15
    refused = visitor.client.get("/api/v1/me", headers=program)
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["code"] == "password_must_change"
    page = visitor.get("/password").text
    assert "请先更改密码" in page
    assert 'href="/inbox"' not in page
    assert visitor.submit("/password", "/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert is_inside(visitor)
    assert "接口令牌会全部撤销" in visitor.get("/password").text
    assert visitor.client.get("/api/v1/me", headers=program).status_code == 401, "made under the old password"


def test_a_reset_password_is_for_a_time_and_everything_is_recorded(visit: Visit, city: City) -> None:
    keeper, visitor = visit(KEEPER), visit(WHO)
    who = city.actor(WHO).id
    leaked = tokens.create(city.core, WHO, "leaked", timedelta(days=1))
    answer = act(keeper, who, "reset", " ")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert is_inside(visitor)
    answer = act(keeper, who, "reset")
    shown = re.search(r'class="secret">([a-z0-9-]+)<', answer.text)  # type: ignore[attr-defined]
    assert shown is not None
    assert not is_inside(visitor)
    assert visit().log_in(WHO, PASSWORD).status_code == 401
    assert visitor.log_in(WHO, shown[1]).status_code == 303
    assert visitor.get("/inbox").headers["Location"] == "/password"
    assert visitor.submit("/password", "/password", old=shown[1], new=NEW, again=NEW).status_code == 303
    assert is_inside(visitor)
    assert tokens.resume(city.core, leaked) is None, "not for a time: for good"
    # Disabled, they are out at the next click, with their tokens; enabled, they log in anew.
    token = tokens.create(city.core, WHO, "t", timedelta(days=1))
    act(keeper, who, "disable")
    assert not is_inside(visitor)
    assert tokens.resume(city.core, token) is None
    assert visit().log_in(WHO, NEW).status_code == 401
    act(keeper, who, "enable")
    assert tokens.resume(city.core, token) is None, "what was revoked stays so"
    assert visitor.log_in(WHO, NEW).status_code == 303
    act(keeper, who, "end")
    assert not is_inside(visitor)
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(audit).where(audit.c.about == f"person:{who}", audit.c.actor_id.is_not(None))
        ).all()
        text = str(connection.execute(select(audit.c.data)).all())
    done = {row.kind: row for row in rows if row.actor_id != who}
    assert set(done) == {"password_reset", "disabled", "enabled", "logged_out_by_force"}
    assert all(row.data["reason"] == "本人申请" and "session" in row.origin for row in done.values())
    assert shown[1] not in text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_administrators_are_kept_from_each_other_and_nobody_else_keeps_accounts(visit: Visit, city: City) -> None:
    keeper = visit(KEEPER)
    for login in (AUDITOR, ADMINISTRATOR, KEEPER):
        who = city.actor(login).id
        page = keeper.get(f"/accounts/{who}").text
        assert 'value="reset"' not in page
        csrf = keeper.form(f"/accounts/{city.actor(WHO).id}", f"/accounts/{city.actor(WHO).id}")
        for what in ("reset", "disable", "end", "second_factor"):
            answer = keeper.post(f"/accounts/{who}", {**csrf, "act": what, "reason": "x"})
            assert answer.status_code == 403, (login, what)
        assert city.actor(login).id == who
    for login in (ADMINISTRATOR, AUDITOR, WHO):
        other = visit(login)
        for path in ("/accounts", f"/accounts/{city.actor(WHO).id}", "/security"):
            assert other.get(path).status_code == 403, (login, path)
    # Locked out by guesses, opened by who keeps security.
    give_password(city, WHO)
    stranger = visit()
    for _ in range(5):
        stranger.log_in(WHO, "wrong")
    assert stranger.log_in(WHO, PASSWORD).status_code == 429
    assert keeper.submit("/accounts", "/accounts/unlock", what="login", key=WHO).status_code == 303
    assert stranger.log_in(WHO, PASSWORD).status_code == 303
    assert keeper.get("/accounts?q=xiahe").text.count("xiahexiang") == 1
    assert keeper.get("/accounts?only=second_factor").text.count("<tr>") <= 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_my_account_shows_where_i_am_and_ends_it_elsewhere(visit: Visit, city: City) -> None:
    visitor, elsewhere = visit(WHO), visit()
    elsewhere.log_in(WHO, PASSWORD)
    page = visitor.get("/account").text
    assert page.count('name="session"') == 1
    assert visitor.post("/account/sessions/end", visitor.form("/account", "/account/sessions/end")).status_code == 303
    assert is_inside(visitor)
    assert not is_inside(elsewhere)
    # Another's session is not mine to end.
    other = visit("lijianguo")
    reference = re.search(r'name="session" value="(\w+)"', page)
    assert reference is not None
    with city.core.db.read() as connection:
        assert connection.execute(select(audit.c.kind).where(audit.c.kind == "sessions_ended")).all()
    elsewhere.log_in(WHO, PASSWORD)
    mine = re.search(r'name="session" value="(\w+)"', visitor.get("/account").text)
    assert mine is not None
    csrf = other.form("/account", "/account/tokens")
    other.post("/account/sessions/end", {**csrf, "session": mine[1]})
    assert is_inside(elsewhere)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_token_opens_what_it_is_for(visit: Visit, app: Flask, city: City) -> None:
    assert set(app.view_functions) >= STARTS
    visitor = visit("xuguangming")  # a designer
    made = visitor.submit(
        "/account", "/account/tokens", name="nightly", scope=["read", "design"], days="30", password=PASSWORD
    )
    shown = re.search(r'class="secret">(ldt_[\w-]+)<', made.text)
    guess = visitor.submit("/account", "/account/tokens", name="x", scope=["read"], days="30", password="guess")
    assert (guess.status_code, "当前密码不正确" in guess.text, "ldt_" in guess.text) == (422, True, False)
    assert shown is not None
    assert (
        visitor.submit(
            "/account", "/account/tokens", name="x", scope=["secure"], days="30", password=PASSWORD
        ).status_code
        == 422
    )
    assert (
        visitor.submit(
            "/account", "/account/tokens", name="x", scope=["read"], days="9999", password=PASSWORD
        ).status_code
        == 422
    )
    tried = {"read": 0, "other": 0}
    for scope in ("read", "work", "design"):
        headers = {
            "Authorization": f"Bearer {tokens.create(city.core, 'xuguangming', scope, timedelta(days=1), scopes=[scope])}"
        }
        for rule in app.url_map.iter_rules():
            names = policy_of(app, rule.endpoint) or ()
            if "public" in names:
                continue
            path = re.sub(r"<[^>]*>", "1.1" if "ref" in rule.rule else "1", rule.rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
                wanted = scopes_of(rule.endpoint, names, method)
                closed = not getattr(app.view_functions[rule.endpoint], "by_token", True)
                if wanted & {scope} and not closed:
                    continue
                answer = app.test_client().open(path, method=method, headers={**headers, "Accept": "application/json"})
                assert answer.status_code in (403, 404), (scope, method, path, answer.status_code)
                if answer.status_code == 403:
                    assert answer.json is not None
                    assert answer.json["code"] == "out_of_scope", (scope, method, path)
                tried["read" if method == "GET" else "other"] += 1
    assert tried["other"] > 60
    headers = {"Authorization": f"Bearer {shown[1]}"}
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 200
    refused = app.test_client().post("/api/v1/instances", json={}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "out_of_scope")  # type: ignore[index]
    assert app.test_client().get("/account", headers=headers).status_code == 403
    assert any(CLOSED & set(policy_of(app, rule.endpoint) or ()) for rule in app.url_map.iter_rules())
    number = re.search(r"/account/tokens/(\d+)/revoke", visitor.get("/account").text)
    assert number is not None
    assert visit("lijianguo").post(number[0], visit("lijianguo").form("/account", "/account/tokens")).status_code in (
        400,
        404,
    )
    assert visitor.submit("/account", number[0]).status_code == 303
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 401


def test_the_first_three_administrators_are_made_once_with_the_code(visit: Visit, city: City) -> None:
    visitor = visit()
    assert "/first" in visitor.get("/login").text
    people = {f"login_{key}": f"first.{key[:5]}" for key in first.POSTS} | {
        f"name_{key}": "王建国" for key in first.POSTS
    }
    assert visitor.submit("/first", "/first", code="guess", **people).status_code == 401, "no code was told yet"
    old = first.new_code(city.core)
    code = first.new_code(city.core)
    assert old is not None
    assert code is not None
    with city.core.db.read() as connection:
        assert code not in str(connection.execute(select(setting.c.value)).scalars().all())
    assert visitor.submit("/first", "/first", code=old, **people).status_code == 401
    same = {**people, **{f"login_{key}": "one.person" for key in first.POSTS}}
    assert visitor.submit("/first", "/first", code=code, **same).status_code == 422
    made = visitor.submit("/first", "/first", code=code, **people)
    assert made.status_code == 201, made.text
    passwords = re.findall(r'class="secret">([a-z0-9-]+)<', made.text)
    assert len(passwords) == 3
    assert visit().get("/first").status_code == 404
    assert visit().post("/first", {**visit().form("/login", "/login"), "code": code, **people}).status_code in (
        400,
        404,
    )
    assert first.new_code(city.core) is None
    powers = [city.actor(people[f"login_{key}"]).powers for key in first.POSTS]
    for power, held in zip(("administer", "secure", "audit"), powers, strict=True):
        assert held & {"administer", "secure", "audit"} == {power}
    for key, password in zip(first.POSTS, passwords, strict=True):
        newcomer = visit()
        assert newcomer.log_in(people[f"login_{key}"], password).status_code == 303
        assert newcomer.get("/").headers["Location"] == "/password"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_easy_passwords_are_refused(visit: Visit, city: City) -> None:
    set_password(city.core, WHO, "as the system: any")
    visitor = visit(WHO)
    for easy in ("1234567", "12345678", "Password1", "aaaaaaaaaaaa", "xiahexiang2026", "x" * 129):
        answer = visitor.submit("/password", "/password", old=PASSWORD, new=easy, again=easy)
        assert answer.status_code == 422, easy


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_who_has_no_password_logged_in_a_short_while_ago(visit: Visit, city: City) -> None:
    visitor = visit(WHO)
    given = {"name": "x", "scope": ["read"], "days": "30"}
    for _ in range(5):
        assert visitor.submit("/account", "/account/tokens", **given, password="guess").status_code == 422
    locked = visitor.submit("/account", "/account/tokens", **given, password=PASSWORD)
    assert "失败次数过多" in locked.text, "an open desk does not serve for guessing"
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == WHO).values(password_hash=None))
        connection.execute(update(session).values(method="oidc"))
    assert 'name="password"' not in visitor.get("/account").text
    assert visitor.submit("/account", "/account/tokens", **given).status_code == 201
    with city.core.db.write() as connection:
        ago = city.core.db.now_on(connection) - timedelta(minutes=11)
        connection.execute(update(session).values(created_at=ago))
    late = visitor.submit("/account", "/account/tokens", **given)
    assert (late.status_code, "重新登录" in late.text) == (422, True)
