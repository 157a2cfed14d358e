"""The second factor: without it a password opens nothing; a code is taken once; who needs one sets it up before anything else."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from engine import tokens
from engine.clock import RealClock
from engine.login import rules, second
from engine.tables import attempt, audit, person, recovery_code, session, totp
from tests.web.visitor import PASSWORD, Visit, Visitor
from web.auth import COOKIE
from web.city import City

WHO = "xiahexiang"
KEEPER = "feiguoqing"


def is_inside(visitor: Visitor) -> bool:
    return visitor.get("/inbox").status_code == 200


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(RealClock().now().timestamp()) + steps * second.STEP)


def forget_code(city: City) -> None:
    """As if the codes of before were taken long ago: tests do not wait half a minute for the next one."""
    with city.core.db.write() as connection:
        connection.execute(update(totp).values(last_step=0))


def set_up(visitor: Visitor) -> tuple[str, list[str]]:
    page = visitor.get("/account/second-factor").text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert secret is not None
    assert "<svg" in page
    plain = secret[1].replace(" ", "")
    wrong = visitor.submit("/account/second-factor", "/account/second-factor", code="000000", password=PASSWORD)
    assert wrong.status_code == 422
    done = visitor.submit("/account/second-factor", "/account/second-factor", code=code_of(plain), password=PASSWORD)
    assert done.status_code == 200, done.text
    return plain, re.findall(r"<code>([a-z0-9-]+)</code>", done.text)


def test_a_password_alone_opens_nothing_and_a_code_works_once(visit: Visit, city: City) -> None:
    visitor, elsewhere = visit(WHO), visit()
    elsewhere.log_in(WHO, PASSWORD)
    secret, codes = set_up(visitor)
    assert len(codes) == 10
    assert is_inside(visitor)
    assert not is_inside(elsewhere), "what the password alone had opened is closed"
    with city.core.db.read() as connection:
        stored = str(connection.execute(select(totp)).all()) + str(connection.execute(select(recovery_code)).all())
    assert secret not in stored
    assert not any(code.replace("-", "") in stored for code in codes)

    half = visit()
    assert half.log_in(WHO, PASSWORD, "/inbox?tab=late").headers["Location"] == "/login/code?next=/inbox?tab%3Dlate"
    assert not is_inside(half)
    assert half.client.get("/api/v1/me").status_code == 401
    assert half.get("/login").headers["Location"] == "/login/code"
    before = half.client.get_cookie(COOKIE)
    assert before is not None
    # The code that set it up was taken: who looked over the shoulder has nothing. One of another step works, once.
    assert half.submit("/login/code", "/login/code", code=code_of(secret)).status_code == 401
    fresh = code_of(secret, 1)
    inside = half.submit("/login/code?next=/inbox?tab%3Dlate", "/login/code", code=fresh)
    assert inside.headers["Location"] == "/inbox?tab=late"
    assert is_inside(half)
    after = half.client.get_cookie(COOKIE)
    assert after is not None
    assert after.value != before.value
    thief = visit()
    thief.client.set_cookie(COOKIE, before.value)
    assert not is_inside(thief), "the secret of the half session is worth nothing"
    replayed = visit()
    replayed.log_in(WHO, PASSWORD)
    assert replayed.submit("/login/code", "/login/code", code=fresh).status_code == 401
    assert not is_inside(replayed)

    # A recovery code in place of the phone, once, however it is typed.
    assert replayed.submit("/login/code", "/login/code", code=f" {codes[0].upper()} ").status_code == 303
    assert is_inside(replayed)
    again = visit()
    again.log_in(WHO, PASSWORD)
    assert again.submit("/login/code", "/login/code", code=codes[0]).status_code == 401
    with city.core.db.read() as connection:
        kinds = connection.execute(select(audit.c.kind)).scalars().all()
    assert {"second_factor_on", "recovery_code_used", "second_factor_failed", "first_factor", "logged_in"} <= set(kinds)

    # Turned off only with a code; then the password is enough again.
    assert (
        visitor.post(
            "/account/second-factor/off", {**visitor.form("/account", ""), "code": "000000", "password": PASSWORD}
        ).status_code
        == 422
    )
    forget_code(city)
    bare = visitor.post("/account/second-factor/off", {**visitor.form("/account", ""), "code": code_of(secret)})
    assert bare.status_code == 422, "nor with a code alone"
    off = visitor.post(
        "/account/second-factor/off", {**visitor.form("/account", ""), "code": code_of(secret), "password": PASSWORD}
    )
    assert off.status_code == 303, off.text
    assert visit().log_in(WHO, PASSWORD).headers["Location"] == "/"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_codes_cannot_be_guessed_and_half_a_session_is_short(visit: Visit, city: City) -> None:
    secret, codes = set_up(visit(WHO))
    half = visit()
    half.log_in(WHO, PASSWORD)
    wrong = "111111" if code_of(secret, 1) != "111111" else "222222"
    for _ in range(5):
        assert half.submit("/login/code", "/login/code", code=wrong).status_code == 401
    locked = half.submit("/login/code", "/login/code", code=code_of(secret, 1))
    assert locked.status_code == 429
    again = visit()
    again.log_in(WHO, PASSWORD)
    assert again.submit("/login/code", "/login/code", code=codes[0]).status_code == 429, "nor by logging in anew"
    assert visit(KEEPER).submit("/accounts", "/accounts/unlock", what="second_factor", key=WHO).status_code == 303
    with city.core.db.write() as connection:
        for row in connection.execute(select(session).where(session.c.stage == "totp")).mappings().all():
            connection.execute(
                update(session)
                .where(session.c.id == row["id"])
                .values(expires_at=row["expires_at"] - timedelta(minutes=11))
            )
    assert (
        again.post("/login/code", {**again.form("/login", "/login"), "code": codes[0]}).headers["Location"] == "/login"
    )
    with city.core.db.read() as connection:
        assert (
            connection.execute(select(attempt.c.id).where(attempt.c.what == "second_factor", ~attempt.c.good)).first()
            is None
        )


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_level3_profile_holds_from_the_next_request_on(visit: Visit, city: City) -> None:
    keeper, auditor, handler = visit(KEEPER), visit("jiaqiaoyun"), visit(WHO)
    token = handler.submit("/account", "/account/tokens", name="t", scope=["read"], days="30", password=PASSWORD)
    assert token.status_code == 201
    programs = {
        who: {"Authorization": f"Bearer {tokens.create(city.core, who, 'p', timedelta(days=1))}"}
        for who in (WHO, "jiaqiaoyun")
    }
    page = keeper.submit("/security", "/security", profile="level3")
    assert page.status_code == 303, page.text
    # An administrator without a second factor does nothing but set one up, on pages and over the API.
    assert auditor.get("/").headers["Location"] == "/account/second-factor"
    assert (
        auditor.post(
            "/language", {**auditor.form("/account/second-factor", "/account/second-factor"), "locale": "zh"}
        ).status_code
        == 303
    )
    refused = auditor.client.get("/api/v1/me")
    assert (refused.status_code, refused.json["code"]) == (403, "second_factor_wanted")  # type: ignore[index]
    assert visit().client.get("/api/v1/me", headers=programs["jiaqiaoyun"]).get_json() == refused.json
    set_up(auditor)
    assert auditor.get("/").status_code == 200
    assert visit().client.get("/api/v1/me", headers=programs["jiaqiaoyun"]).status_code == 200
    assert auditor.post("/account/second-factor/off", {**auditor.form("/account", ""), "code": "1"}).status_code == 422
    # A password that is too old is changed first; the new one has length, kinds, and is none of the last.
    assert is_inside(handler)
    with city.core.db.write() as connection:
        old = city.core.db.now_on(connection) - timedelta(days=91)
        connection.execute(update(person).where(person.c.login == WHO).values(password_at=old))
    assert handler.get("/inbox").headers["Location"] == "/password"
    refused = visit().client.get("/api/v1/me", headers=programs[WHO])
    assert (refused.status_code, refused.json["code"]) == (403, "password_must_change")  # type: ignore[index]
    for bad in ("Short-1", "all small letters", "xiahexiang-A1", "Aa1Aa1Aa1Aa1"):
        answer = handler.submit("/password", "/password", old=PASSWORD, new=bad, again=bad)
        assert answer.status_code == 422, bad
    used = [PASSWORD, *(f"Sentence number {i}" for i in range(2))]
    for before, new in itertools.pairwise(used):
        answer = handler.submit("/password", "/password", old=before, new=new, again=new)
        assert answer.status_code == 303, answer.text
    assert is_inside(handler)
    for again in used:
        assert handler.submit("/password", "/password", old=used[-1], new=again, again=again).status_code == 422, again
    with city.core.db.read() as connection:
        law = rules.read(connection)
    assert (law.shortest, law.days, law.idle) == (10, 90, timedelta(minutes=15))
