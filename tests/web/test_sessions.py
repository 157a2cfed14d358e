"""Log-in, sessions on the server, lock-out, CSRF: whatever a stranger tries, they stay outside."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import delete, select, update

from engine import sessions
from engine.passwords import is_right, set_password
from engine.tables import attempt, membership, person, session
from tests.web.visitor import PASSWORD, Visit, Visitor
from web.auth import COOKIE
from web.city import City

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
SIGNED_THEMSELVES = {"api.take_event"}
"""Requests of machines, which carry a signature of their own and no cookie."""


def is_inside(visitor: Visitor) -> bool:
    return visitor.get("/inbox").status_code == 200


def age_sessions(city: City, **columns: timedelta) -> None:
    with city.core.db.write() as connection:
        for row in connection.execute(select(session)).mappings().all():
            older = {name: row[name] - by for name, by in columns.items()}
            connection.execute(update(session).where(session.c.id == row["id"]).values(**older))


def test_the_right_password_opens_and_the_cookie_is_not_what_is_stored(visit: Visit, city: City) -> None:
    visitor = visit("lijianguo")
    assert is_inside(visitor)
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with city.core.db.read() as connection:
        stored = connection.execute(select(session.c.id)).scalars().all()
        hashed = connection.execute(select(person.c.password_hash).where(person.c.login == "lijianguo")).scalar_one()
    assert all(s.startswith("sha256:") and cookie.value not in s for s in stored)
    assert hashed.startswith("$argon2id$")
    assert is_right(hashed, PASSWORD)


def test_a_wrong_password_and_an_unknown_name_answer_alike(visit: Visit, city: City) -> None:
    set_password(city.core, "lijianguo", PASSWORD)
    for login in ("lijianguo", "nobody-of-that-name"):
        answer = visit().log_in(login, "wrong")
        assert answer.status_code == 401
        assert "用户名或密码不正确。" in answer.text
        assert "wrong" not in answer.text


def test_five_failures_lock_the_name_even_for_the_right_password_and_time_opens_it(visit: Visit, city: City) -> None:
    set_password(city.core, "lijianguo", PASSWORD)
    visitor = visit()
    for _ in range(5):
        assert visitor.log_in("lijianguo", "wrong").status_code == 401
    locked = visitor.log_in("lijianguo", PASSWORD)
    assert locked.status_code == 429
    assert "15 分钟后" in locked.text
    set_password(city.core, "wangxiuying", PASSWORD)
    assert visit().log_in("wangxiuying", PASSWORD).status_code == 303
    with city.core.db.write() as connection:
        for row in connection.execute(select(attempt)).mappings().all():
            connection.execute(
                update(attempt).where(attempt.c.id == row["id"]).values(at=row["at"] - timedelta(minutes=16))
            )
    assert visitor.log_in("lijianguo", PASSWORD).status_code == 303


def test_fifty_failures_lock_the_address(visit: Visit, city: City) -> None:
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        for i in range(50):
            connection.execute(
                attempt.insert().values(what="login_address", key="127.0.0.1", at=now, good=False, id=1000 + i)
            )
    set_password(city.core, "lijianguo", PASSWORD)
    assert visit().log_in("lijianguo", PASSWORD).status_code == 429


def test_a_cookie_planted_before_log_in_is_worth_nothing_after(visit: Visit, city: City) -> None:
    visitor = visit()
    visitor.client.set_cookie(COOKIE, "planted")
    set_password(city.core, "lijianguo", PASSWORD)
    visitor.log_in("lijianguo", PASSWORD)
    assert is_inside(visitor)
    attacker = visit()
    attacker.client.set_cookie(COOKIE, "planted")
    assert not is_inside(attacker)


def test_logging_in_again_ends_the_session_before(visit: Visit, app: Flask, city: City) -> None:
    visitor = visit("lijianguo")
    old = visitor.client.get_cookie(COOKIE)
    assert old is not None
    token, _ = sessions.log_in(city.core, "lijianguo", PASSWORD, old=old.value)
    assert sessions.resume(city.core, old.value) is None
    assert sessions.resume(city.core, token) is not None


def test_after_log_out_the_cookie_opens_nothing(visit: Visit) -> None:
    visitor = visit("lijianguo")
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie is not None
    assert visitor.submit("/", "/logout").status_code == 303
    thief = visit()
    thief.client.set_cookie(COOKIE, cookie.value)
    assert not is_inside(thief)


def test_idle_sessions_end_and_so_do_old_ones(visit: Visit, city: City) -> None:
    visitor = visit("lijianguo")
    age_sessions(city, seen_at=timedelta(minutes=29))
    assert is_inside(visitor)
    age_sessions(city, seen_at=timedelta(minutes=31))
    assert not is_inside(visitor)
    visitor = visit("wangxiuying")
    age_sessions(city, expires_at=timedelta(hours=13))
    assert not is_inside(visitor)


def test_a_person_who_left_is_outside_at_the_next_click(visit: Visit, city: City) -> None:
    visitor = visit("lijianguo")
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == "lijianguo").values(active=False))
    assert not is_inside(visitor)


def test_a_post_that_was_taken_away_is_gone_at_the_next_click(visit: Visit, city: City) -> None:
    visitor = visit("lijianguo")
    assert visitor.get("/report").status_code == 200
    with city.core.db.write() as connection:
        connection.execute(delete(membership).where(membership.c.person_id == city.actor("lijianguo").id))
    assert visitor.get("/report").status_code == 403


def test_a_new_password_ends_every_session_of_the_person(visit: Visit, city: City) -> None:
    visitor = visit("lijianguo")
    set_password(city.core, "lijianguo", "another long password")
    assert not is_inside(visitor)


def test_a_person_changes_their_own_password_if_they_know_the_old_one(visit: Visit, city: City) -> None:
    visitor, elsewhere = visit("lijianguo"), visit()
    elsewhere.log_in("lijianguo", PASSWORD)
    new = "a sentence only I know"
    wrong = [
        ("guess", new, new),
        (PASSWORD, new, new + "!"),
        (PASSWORD, "short", "short"),
        (PASSWORD, PASSWORD, PASSWORD),
    ]
    for old, first, again in wrong:
        assert visitor.submit("/password", "/password", old=old, new=first, again=again).status_code == 422
    assert visitor.submit("/password", "/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert is_inside(visitor)
    assert not is_inside(elsewhere)
    assert elsewhere.log_in("lijianguo", PASSWORD).status_code == 401
    assert elsewhere.log_in("lijianguo", new).status_code == 303


def test_log_in_leads_nowhere_else(visit: Visit, city: City) -> None:
    set_password(city.core, "lijianguo", PASSWORD)
    for target in (
        "https://evil.example", "//evil.example", "/\\evil.example", "evil", "\\\\evil", "/\t/evil.example", "/\r\n/evil.example",
    ):  # fmt: skip
        assert visit().log_in("lijianguo", PASSWORD, target).headers["Location"] == "/"


def test_log_in_leads_back_to_where_one_wanted_to_go(visit: Visit, city: City) -> None:
    set_password(city.core, "lijianguo", PASSWORD)
    asked = visit().get("/inbox?tab=late")
    assert asked.headers["Location"] == "/login?next=/inbox?tab%3Dlate"
    assert visit().log_in("lijianguo", PASSWORD, "/inbox?tab=late").headers["Location"] == "/inbox?tab=late"


def test_every_unsafe_route_refuses_a_request_without_the_token(visit: Visit, app: Flask) -> None:
    visitor = visit("shenjiahao")
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & UNSAFE):
            path = rule.rule
            for name, converter in rule._converters.items():
                value = "1" if "Integer" in type(converter).__name__ else "1.1"
                path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", value)
                path = path.replace(f"<path:{name}>", value)
            answer = visitor.client.open(path, method=method, data={"x": "y"})
            refused = 401 if rule.endpoint in SIGNED_THEMSELVES else 400
            assert answer.status_code == refused, (method, rule.rule, answer.status_code)
            tried += 1
    assert tried >= 8
