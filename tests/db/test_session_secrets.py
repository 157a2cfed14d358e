"""Secrets of sessions: changed as they serve, taken a little longer, and an alarm when an old one is shown; waits that grow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from engine import passwords, sessions, tokens
from engine.errors import Invalid, LiandongError
from engine.login import attempts, open_sessions
from engine.login.attempts import TooManyAttempts
from engine.tables import alarm, attempt, audit, session
from tests.web.visitor import PASSWORD, give_password
from web.city import City

WHO = "lijianguo"


def age(city: City, **columns: timedelta) -> None:
    with city.core.db.write() as connection:
        for row in connection.execute(select(session)).mappings().all():
            older = {name: row[name] - by for name, by in columns.items()}
            connection.execute(update(session).where(session.c.id == row["id"]).values(**older))


def test_a_secret_that_served_is_replaced_and_shown_again_it_ends_the_session(city: City) -> None:
    give_password(city, WHO)
    token, actor = sessions.log_in(city.core, WHO, PASSWORD)
    same = sessions.look(city.core, token, renew=True)
    assert same is not None
    assert same.renewed is None, "it is new"
    age(city, rotated_at=timedelta(minutes=16))
    assert sessions.resume(city.core, token) is not None
    renewed = sessions.look(city.core, token, renew=True)
    assert renewed is not None
    assert renewed.renewed is not None
    # Requests that were under way still get through, and do not renew once more; then only the new one opens.
    late = sessions.look(city.core, token, renew=True)
    assert late is not None
    assert late.renewed is None
    assert sessions.resume(city.core, renewed.renewed) is not None
    assert len(open_sessions.listing(city.core, actor.id)) == 1
    age(city, rotated_at=timedelta(seconds=61))
    assert sessions.resume(city.core, token) is None
    assert sessions.resume(city.core, renewed.renewed) is None, "thief and owner cannot be told apart: both are out"
    with city.core.db.read() as connection:
        assert connection.execute(select(alarm.c.kind)).scalars().all() == ["old_secret_shown"]
        kinds = connection.execute(select(audit.c.kind)).scalars().all()
        stored = str(connection.execute(select(audit.c.data)).all())
    assert "old_secret_shown" in kinds
    assert token not in stored


def test_each_failure_after_the_limit_doubles_the_wait(city: City) -> None:
    give_password(city, WHO)

    def wait() -> int:
        with pytest.raises(TooManyAttempts) as refused:
            sessions.log_in(city.core, WHO, PASSWORD)
        return int(refused.value.params["minutes"])

    def let_pass(minutes: int) -> None:
        with city.core.db.write() as connection:
            for row in connection.execute(select(attempt)).mappings().all():
                connection.execute(
                    update(attempt).where(attempt.c.id == row["id"]).values(at=row["at"] - timedelta(minutes=minutes))
                )

    for _ in range(5):
        with pytest.raises(sessions.WrongLogin):
            sessions.log_in(city.core, WHO, "wrong")
    for expected in (15, 30, 60, 120, 240, 240):
        assert wait() == expected
        let_pass(expected + 1)
        with pytest.raises(sessions.WrongLogin):
            sessions.log_in(city.core, WHO, "wrong")
    let_pass(241)
    assert sessions.log_in(city.core, WHO, PASSWORD)
    with pytest.raises(sessions.WrongLogin):
        sessions.log_in(city.core, WHO, "wrong")
    assert sessions.log_in(city.core, WHO, PASSWORD), "a right password ends the count"


def test_guesses_made_at_once_do_not_slip_under_the_limit(city: City) -> None:
    give_password(city, WHO)

    def guess(n: int) -> str:
        try:
            sessions.log_in(city.core, WHO, f"guess {n}")
        except LiandongError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(16)))
    assert said.count("wrong_login") == 5
    assert said.count("too_many_attempts") == 11
    (locked,) = [one for one in attempts.listing(city.core) if one.what == attempts.LOGIN]
    assert (locked.key, locked.failures) == (WHO, 5)


def test_what_is_typed_as_an_unknown_name_is_not_kept(city: City) -> None:
    with pytest.raises(sessions.WrongLogin):
        sessions.log_in(city.core, "my-password-by-mistake", "x", address="10.0.0.1")
    with city.core.db.read() as connection:
        stored = str(connection.execute(select(attempt)).all()) + str(connection.execute(select(audit)).all())
    assert "my-password-by-mistake" not in stored


def test_tokens_have_scopes_and_an_end(city: City) -> None:
    token = tokens.create(city.core, WHO, "t", timedelta(days=1), scopes=["read"])
    actor = tokens.resume(city.core, token)
    assert actor is not None
    assert actor.scopes == frozenset({"read"})
    whole = tokens.resume(city.core, tokens.create(city.core, WHO, "all", timedelta(days=1)))
    assert whole is not None
    assert whole.scopes is None
    for wrong in ([], ["everything"], ["read", ""]):
        with pytest.raises(Invalid):
            tokens.create(city.core, WHO, "t", timedelta(days=1), scopes=wrong)
    with pytest.raises(Invalid):
        tokens.create(city.core, WHO, "t", timedelta(days=367))


def test_a_changed_password_ends_every_session_and_is_recorded(city: City) -> None:
    give_password(city, WHO)
    token, actor = sessions.log_in(city.core, WHO, PASSWORD)
    passwords.change_password(city.core, actor.id, PASSWORD, "a sentence only I know", by=actor)
    assert sessions.resume(city.core, token) is None
    with city.core.db.read() as connection:
        assert connection.execute(select(func.count()).where(audit.c.kind == "password_changed")).scalar_one() == 1
