"""A person's own channels, on their pages; and the operators' page of what went out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.clock import ManualClock
from escalation.tables import contact
from tests.factories import LEADER, OPERATOR, case_at
from tests.receivers import FAIL, always, http_receiver, mail_receiver
from tests.sending import HASTE, deliveries, hooks_at, mail_by, put, reach, tell, work
from tests.web.visitor import Visit
from web import health
from web.city import City

PAGE = "/account/notices"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # pages do not depend on the kind of database


def test_a_channel_is_verified_by_the_code_that_was_sent_to_it(city: City, visit: Visit) -> None:
    case = case_at(city, "Dispatch")
    visitor = visit(LEADER)
    with mail_receiver() as mail:
        mail_by(city, mail)
        visitor.submit(PAGE, f"{PAGE}/add", channel="mail", address="sun@city.example")
        ((address, id_, sent),) = mail.arrived
        assert address == "sun@city.example"
        tell(city, case, LEADER)
        work(city)
        assert len(mail.arrived) == 1, "unverified: nothing but the code"
        (made,) = _contacts(city)
        assert id_ == f"code-{made}-1"
        code = re.search(r"\d{6}", sent["Subject"])
        assert code is not None
        wrong = f"{(int(code.group()) + 1) % 10**6:06}"
        assert visitor.submit(PAGE, f"{PAGE}/{made}/verify", code=wrong).status_code == 422
        assert visitor.submit(PAGE, f"{PAGE}/{made}/verify", code=code.group()).status_code == 303
        tell(city, case, LEADER, first=2000)
        work(city)
        assert len(mail.arrived) == 2
    page = visitor.get(PAGE).text
    assert "sun@city.example" not in page
    assert "s•••@city.example" in page
    with city.core.db.read() as connection:
        (sealed,) = connection.execute(select(contact.c.sealed)).scalars()
    assert "sun@" not in sealed


def test_five_wrong_guesses_and_the_code_is_worth_nothing(city: City, visit: Visit) -> None:
    visitor = visit(LEADER)
    with mail_receiver() as mail:
        mail_by(city, mail)
        visitor.submit(PAGE, f"{PAGE}/add", channel="mail", address="sun@city.example")
        code = re.search(r"\d{6}", mail.arrived[0][2]["Subject"])
        assert code is not None
        (made,) = _contacts(city)
        form = visitor.form(PAGE, f"{PAGE}/{made}/verify")
        wrong = f"{(int(code.group()) + 1) % 10**6:06}"
        for guess in (*[wrong] * 5, code.group()):
            assert visitor.post(f"{PAGE}/{made}/verify", {**form, "code": guess}).status_code == 422


def test_codes_are_no_floods(city: City, visit: Visit) -> None:
    put(city, contact_codes_per_day=2)
    visitor = visit(LEADER)
    with mail_receiver() as mail:
        mail_by(city, mail)
        said = [
            visitor.submit(PAGE, f"{PAGE}/add", channel="mail", address=f"victim{n}@other.example").status_code
            for n in range(4)
        ]
        assert said == [303, 303, 429, 429]
        assert len(mail.arrived) == 2


@pytest.mark.parametrize(
    "channel, address",
    [
        ("mail", "a@b.cn, c@d.cn"),
        ("mail", "a@b.cn\r\nBcc: c@d.cn"),
        ("mail", "Sun <a@b.cn>"),
        ("webhook", "file:///etc/passwd"),
        ("webhook", "http://169.254.169.254/latest"),
        ("webhook", "http://localhost:5432/"),
        ("webhook", "http://127.0.0.1.nip.io/"),
        ("webhook", "http://user:pass@127.0.0.1:{port}/"),
        ("webhook", "http://other.example@127.0.0.1:{port}/"),
        ("webhook", "http://127.0.0.1:{port}/#x"),
        ("webhook", "http://127.0.0.1:{port}/ x"),
        ("webhook", "json://127.0.0.1:{port}/"),
        ("wecom", "../../evil"),
        ("wecom", "file://x"),
        ("dingtalk", "mailto://a:b@c"),
        ("telegram", "x"),
        ("mail", ""),
    ],
)
def test_what_somebody_types_reaches_nothing_but_what_the_city_allows(
    city: City, visit: Visit, channel: str, address: str
) -> None:
    visitor = visit(LEADER)
    with http_receiver() as hook, mail_receiver() as mail:
        hooks_at(city, hook)
        mail_by(city, mail)
        answer = visitor.submit(PAGE, f"{PAGE}/add", channel=channel, address=address.format(port=hook.port))
        assert answer.status_code in (400, 422), answer.text
        assert (hook.arrived, mail.arrived, _contacts(city)) == ([], [], [])


def test_a_host_on_the_list_is_not_reached_at_a_private_address(city: City, visit: Visit) -> None:
    visitor = visit(LEADER)
    with http_receiver() as hook:
        hooks_at(city, hook)
        put(city, webhook_private=False)
        answer = visitor.submit(PAGE, f"{PAGE}/add", channel="webhook", address=f"http://127.0.0.1:{hook.port}/")
        assert answer.status_code == 502
        assert hook.arrived == []


def test_how_one_is_told_is_kept_and_others_channels_are_none_of_mine(city: City, visit: Visit) -> None:
    visitor, other = visit(LEADER), visit(OPERATOR)
    with http_receiver() as hook:
        hooks_at(city, hook)
        made = reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        answer = visitor.submit(
            PAGE, f"{PAGE}/{made}", active="1", quiet_from="22:00", quiet_to="07:30", digest="60", group=["tasks"]
        )
        assert answer.status_code == 303
        with city.core.db.read() as connection:
            row = connection.execute(select(contact)).mappings().one()
        assert (row["quiet_from"], row["quiet_to"], row["digest_minutes"]) == (1320, 450, 60)
        assert "assigned" in row["kinds"]
        assert "copied" not in row["kinds"]
        token = visitor.form(PAGE, f"{PAGE}/{made}")["csrf_token"]
        assert token
        for act in ("", "/code", "/verify", "/remove"):
            mine = other.form("/account", "/account/tokens")["csrf_token"]
            assert other.post(f"{PAGE}/{made}{act}", {"csrf_token": mine, "code": "1"}).status_code == 404
        visitor.submit(PAGE, f"{PAGE}/{made}/remove")
        assert _contacts(city) == []


def test_operators_see_what_is_dead_and_send_it_again(city: City, visit: Visit, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    put(city, **{**HASTE, "sending_tries": 1})
    operator = visit(OPERATOR)
    with http_receiver(always(FAIL)) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/secret-path")
        tell(city, case, LEADER, 2)
        work(city)
        clock.advance(timedelta(minutes=1))
        work(city)
        page = operator.get("/deliveries").text
        assert page.count("HTTP 500") == 2
        assert "孙国庆" in page
        assert "secret-path" not in page
        assert "井盖" not in page
        assert any("could not be sent" in found.what for found in health._sending(city.core))
        operator.submit("/deliveries", "/deliveries/retry", all="1")
        assert [row["state"] for row in deliveries(city)] == ["waiting", "waiting"]
    assert visit(LEADER).get("/deliveries").status_code == 403


def test_doctor_finds_people_who_want_mail_and_no_server(city: City) -> None:
    assert list(health._sending(city.core)) == []
    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "sun@city.example")
    assert [found.state for found in health._sending(city.core)] == [health.GOOD]
    put(city, mail_host="")
    (found,) = health._sending(city.core)
    assert (found.state, "1 people want notices by mail" in found.what) == (health.WARNING, True)


def _contacts(city: City) -> list[int]:
    with city.core.db.read() as connection:
        return list(connection.execute(select(contact.c.id)).scalars())
