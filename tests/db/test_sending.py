"""Notices leave the house: once decided, at least once sent, in order, by whoever may be told what."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from engine.clock import ManualClock
from engine.tables import instance, notice, person
from escalation.sending import deciding, delivering, desk, rules, sweeping
from escalation.tables import contact
from tests.factories import COLLECTOR, DISPATCHER, LEADER, OPERATOR, case_at
from tests.receivers import CUT, FAIL, HANG, LATE, always, http_receiver, in_turn, mail_receiver
from tests.sending import HASTE, deliveries, hooks_at, lapse, left, mail_by, person_id, put, reach, tell, work, work_off
from web.city import City

LATE_EVENING = timedelta(hours=14)  # after A_WORKING_MORNING: 23:00


def test_a_step_leaves_its_notices_in_the_outbox_and_they_go_out(city: City) -> None:
    case = case_at(city, "Dispatch")
    with mail_receiver() as mail:
        mail_by(city, mail)
        put(city, site_address="https://city.example")
        reach(city, LEADER, "mail", "leader@city.example")
        city.comment(case, "请看", COLLECTOR, people=[person_id(city, LEADER)])
        assert left(city) > 0
        work(city)
        (address, id_, sent) = mail.arrived[0]
    (row,) = deliveries(city)
    assert (row["state"], row["letter"]) == ("sent", id_)
    assert id_ == f"{case}.{row['notice_id']}.mail"
    assert address == "leader@city.example"
    assert "有人提到您" in sent["Subject"]
    assert "井盖缺失" in sent["Subject"]
    assert f"https://city.example/cases/{case}" in sent.get_content()
    assert "请看" not in sent.get_content()  # what somebody wrote stays in the house
    assert left(city) == 0


def test_nobody_is_told_outside_of_another_world_or_by_what_is_not_verified(city: City) -> None:
    case = case_at(city, "Dispatch")
    with mail_receiver() as mail:
        mail_by(city, mail)
        made = reach(city, LEADER, "mail", "leader@city.example")
        with city.core.db.write() as connection:
            connection.execute(update(contact).where(contact.c.id == made).values(verified_at=None))
        tell(city, case, LEADER, 3)
        work(city)
        assert (mail.arrived, deliveries(city), left(city)) == ([], [], 0)


def test_the_reader_s_language(city: City) -> None:
    case = case_at(city, "Dispatch")
    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "leader@city.example")
        with city.core.db.write() as connection:
            connection.execute(update(person).where(person.c.login == LEADER).values(locale="en"))
        tell(city, case, LEADER)
        work(city)
        assert mail.arrived[0][2]["Subject"].startswith("You were named: ")
        assert mail.arrived[0][2]["Content-Language"] == "en"


def test_a_receiver_that_fails_gets_the_same_message_again(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    put(city, **{**HASTE, "sending_wait_seconds": 60, "sending_wait_minutes_most": 60})
    with http_receiver(in_turn(FAIL, CUT, HANG, LATE), silence=1.0) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/leader")
        tell(city, case, LEADER)
        waits = []
        for _ in range(4):
            work(city)
            (row,) = deliveries(city)
            waits.append(row["next_at"] - clock.now())
            work(city)  # too early
            clock.advance(timedelta(hours=1))
        assert hook.did == {FAIL: 1, CUT: 1, HANG: 1, LATE: 1}
        assert {id_ for _, id_, _ in hook.arrived} == {row["letter"]}
        assert {body["id"] for _, _, body in hook.arrived} == {row["letter"]}
    assert (row["state"], row["tries"]) == ("sent", 4)
    assert [round(each / timedelta(seconds=60)) for each in waits[:3]] == pytest.approx([1, 2, 3], abs=1)


def test_a_message_that_fails_too_often_is_dead_until_an_operator_sends_it_again(
    city: City, clock: ManualClock
) -> None:
    case = case_at(city, "Dispatch")
    put(city, **{**HASTE, "sending_tries": 2})
    with http_receiver(in_turn(FAIL, FAIL)) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/leader")
        tell(city, case, LEADER)
        for _ in range(2):
            work(city)
            clock.advance(timedelta(hours=1))
        (row,) = deliveries(city, "dead")
        assert "HTTP 500" in row["error"]
        assert desk.standing(city.core)["dead"][0]["person"] == "孙国庆"
        assert desk.retry(city.core, _actor(city, OPERATOR), case, row["id"]) == 1
        work(city)
        assert hook.ids() == [row["letter"]]
    assert deliveries(city)[0]["state"] == "sent"


def test_news_of_a_case_waits_for_its_earlier_news_and_other_cases_do_not(city: City, clock: ManualClock) -> None:
    first, second = case_at(city, "Dispatch"), case_at(city, "Dispatch")
    put(city, **HASTE)
    with http_receiver(in_turn(FAIL)) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        tell(city, first, LEADER, 3)
        work(city)
        tell(city, second, LEADER)
        work(city)
        assert [id_.split(".")[0] for id_ in hook.ids()] == [str(second)]
        clock.advance(timedelta(minutes=5))
        work(city)
        assert [id_.split(".")[1] for id_ in hook.ids()[1:]] == ["1000", "1001", "1002"]


def test_quiet_hours_hold_what_is_not_urgent_and_then_it_comes_as_one(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    clock.advance(LATE_EVENING)
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/", quiet_from=22 * 60, quiet_to=7 * 60)
        other = case_at(city, "Dispatch")
        tell(city, case, LEADER, 2)
        work(city)
        assert hook.arrived == []
        tell(city, other, LEADER, kind="urged")
        work(city)
        assert [body["kind"] for _, _, body in hook.arrived] == ["urged"]
        clock.advance(timedelta(hours=8))
        work(city)
        (_, id_, body) = hook.arrived[-1]
        assert (body["kind"], len(hook.arrived), id_[-7:]) == ("digest", 2, ".digest")
        assert "2 条消息" in body["subject"]
        assert body["text"].count("井盖缺失") == 2


def test_something_urgent_takes_its_case_s_earlier_news_along(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/", digest_minutes=60)
        tell(city, case, LEADER, 2)
        work(city)
        assert hook.arrived == []
        tell(city, case, LEADER, kind="urged", first=2000)
        work(city)
        assert len(hook.arrived) == 1
        lines = hook.arrived[0][2]["text"].splitlines()
        assert [line[:2] for line in lines if line[:1].isdigit()] == ["1.", "2.", "3."]
        assert "催办" in lines[-1]
        clock.advance(timedelta(hours=2))
        work(city)
        assert len(hook.arrived) == 1


def test_a_digest_is_sent_again_with_the_same_notices_only(city: City, clock: ManualClock) -> None:
    case, other = case_at(city, "Dispatch"), case_at(city, "Dispatch")
    put(city, **HASTE)
    with http_receiver(in_turn(CUT)) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/", digest_minutes=30)
        tell(city, case, LEADER, 2)
        work(city)
        clock.advance(timedelta(minutes=29))
        tell(city, other, LEADER)  # joins what is collected
        work(city)
        clock.advance(timedelta(minutes=2))
        work(city)
        tell(city, other, LEADER, first=3000)
        clock.advance(timedelta(minutes=31))
        work(city)
        clock.advance(timedelta(minutes=31))
        work(city)
        ids = [id_ for _, id_, _ in hook.arrived]
        assert ids[0] == ids[1]
        assert hook.arrived[0][2]["text"] == hook.arrived[1][2]["text"]
        assert "3 条消息" in hook.arrived[0][2]["subject"]
        assert ids[2:] == [f"{other}.3000.{person_id(city, LEADER)}.webhook"]


def test_kinds_that_somebody_does_not_want_stay_inside_but_urgent_ones_go(city: City) -> None:
    case = case_at(city, "Dispatch")
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/", kinds=["copied"])
        for n, kind in enumerate(("mentioned", "copied", "urged")):
            tell(city, case, LEADER, kind=kind, first=1000 * (n + 1))
        work(city)
        assert [body["kind"] for _, _, body in hook.arrived] == ["copied", "urged"]


def test_of_a_confidential_case_and_one_not_seen_any_more_nothing_is_told(city: City) -> None:
    case, other = case_at(city, "Dispatch"), case_at(city, "Dispatch")
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == case).values(confidential=True))
    with http_receiver() as hook:
        hooks_at(city, hook)
        put(city, site_address="https://city.example")
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/a")
        reach(city, "lvshuhua", "webhook", f"http://127.0.0.1:{hook.port}/b")
        tell(city, case, LEADER)
        tell(city, other, "lvshuhua")
        work(city)
        for _, _, body in hook.arrived:
            assert body["subject"] == "您有一项待办"
            assert body["link"] == "https://city.example/notices"
            assert "井盖" not in json.dumps(body, ensure_ascii=False)
        assert len(hook.arrived) == 2


def test_nothing_personal_leaves_the_house(city: City) -> None:
    """Not even what somebody typed into the title."""
    canary = {"title": "王大明13912345678反映井盖缺失", "place": "0728-6251234 旁"}
    case = case_at(city, "Dispatch", **canary)
    with http_receiver() as hook, mail_receiver() as mail:
        hooks_at(city, hook)
        mail_by(city, mail)
        put(city, wecom_address=f"http://127.0.0.1:{hook.port}/wecom")
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/hook")
        reach(city, LEADER, "mail", "leader@city.example")
        reach(city, LEADER, "wecom", "0123456789-abcdef")
        city.comment(
            case, "来件人王大明 13912345678 身份证 42900419800101123X", COLLECTOR, people=[person_id(city, LEADER)]
        )
        work(city)
        told = [json.dumps(body, ensure_ascii=False) for _, _, body in hook.arrived]
        told += [str(sent["Subject"]) + sent.get_content() for _, _, sent in mail.arrived]
    assert len(told) == 3
    for each in told:
        assert "13912345678" not in each
        assert "6251234" not in each
        assert "42900419800101123X" not in each
    (bot,) = [body for path, _, body in hook.arrived if path.startswith("/wecom")]
    assert "王大明" not in json.dumps(bot, ensure_ascii=False)  # bots get no titles


def test_bots_are_told_by_apprise_and_an_errcode_is_a_failure(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    put(city, **HASTE)
    refusal = '{"errcode": 310000, "errmsg": "sign not match"}'
    with http_receiver() as good, http_receiver(says=refusal) as bad:
        put(
            city,
            wecom_address=f"http://127.0.0.1:{good.port}/wecom",
            dingtalk_address=f"http://127.0.0.1:{bad.port}/dingtalk",
        )
        reach(city, LEADER, "wecom", "0123456789-abcdef")
        reach(city, LEADER, "dingtalk", "0123456789abcdef:SEC000000000")
        tell(city, case, LEADER)
        work(city)
        ((path, _, body),) = good.arrived
        assert path == "/wecom?key=0123456789-abcdef"
        assert body["msgtype"] == "text"
        assert "有人提到您" in body["text"]["content"]
        assert f"编号 {case}." in body["text"]["content"]
        ((path, _, body),) = bad.arrived
        assert path.startswith("/dingtalk?access_token=0123456789abcdef&timestamp=")
        assert "%25" not in path
    (row,) = deliveries(city, "waiting")
    assert row["channel"] == "dingtalk"
    assert "310000" in row["error"]


def test_a_channel_that_hangs_holds_up_no_other_and_one_receiver_not_the_next(city: City) -> None:
    case = case_at(city, "Dispatch")
    put(city, **{**HASTE, "sending_timeout_seconds": 1.5, "sending_at_once": 2})
    with http_receiver(always(HANG), silence=3) as hangs, http_receiver() as works, mail_receiver() as mail:
        hooks_at(city, hangs, works)
        mail_by(city, mail)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hangs.port}/")
        reach(city, LEADER, "mail", "leader@city.example")
        reach(city, DISPATCHER, "webhook", f"http://127.0.0.1:{works.port}/")
        tell(city, case, LEADER, 5)
        tell(city, case, DISPATCHER, 5)
        while deciding.decide_due(city.core):
            pass
        thread = threading.Thread(target=delivering.send_due, args=(city.core, "webhook", 20))
        thread.start()
        begun = time.monotonic()
        delivering.send_due(city.core, "mail", 20)
        assert len(mail.arrived) == 5
        while len(works.arrived) < 5:
            assert time.monotonic() - begun < 30
            time.sleep(0.02)
        assert works.ids() == sorted(works.ids())
        thread.join()


def test_two_workers_decide_and_send_each_once(city: City) -> None:
    cases = [case_at(city, "Dispatch") for _ in range(4)]
    with http_receiver() as hook:
        hooks_at(city, hook)
        for login in (LEADER, DISPATCHER, COLLECTOR):
            reach(city, login, "webhook", f"http://127.0.0.1:{hook.port}/{login}")
            for case in cases:
                tell(city, case, login, 5)
        threads = [threading.Thread(target=work_off, args=(city, "webhook")) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(hook.arrived) == len(set(hook.ids())) == 60
        for login in (LEADER, DISPATCHER, COLLECTOR):
            for case in cases:
                own = [id_ for id_ in hook.ids(f"/{login}") if id_.startswith(f"{case}.")]
                assert own == sorted(own)


def test_a_worker_that_slept_through_its_lease_writes_nothing(city: City) -> None:
    case = case_at(city, "Dispatch")
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        tell(city, case, LEADER)
        deciding.decide_due(city.core)
        law = desk.law(city.core)
        (first,) = delivering.take(city.core, law, "webhook", 5)
        assert delivering.take(city.core, law, "webhook", 5) == []
        lapse(city)
        (second,) = delivering.take(city.core, law, "webhook", 5)
        assert delivering.carry_out(city.core, law, first) == "fenced"
        assert deliveries(city)[0]["state"] == "waiting"
        assert delivering.carry_out(city.core, law, second) == "sent"
        assert {id_ for _, id_, _ in hook.arrived} == {first.letter}  # told twice, and the receiver can tell


def test_a_decision_that_fails_leaves_the_notice_waiting(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_at(city, "Dispatch")
    reach_by_mail_without_server(city)
    tell(city, case, LEADER, 2)

    def fail(*_args: Any, **_more: Any) -> None:
        raise OSError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "sequence", fail)
        with pytest.raises(OSError, match="gone"):
            deciding.decide_due(city.core)
    assert deliveries(city) == []
    deciding.decide_due(city.core)
    assert len(deliveries(city)) == 2


def reach_by_mail_without_server(city: City) -> None:
    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "leader@city.example")


def test_a_channel_that_is_switched_off_waits(city: City) -> None:
    case = case_at(city, "Dispatch")
    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "leader@city.example")
        desk.switch(city.core, _actor(city, OPERATOR), "mail", on=False)
        tell(city, case, LEADER)
        work(city)
        assert (len(mail.arrived), left(city)) == (0, 1)
        desk.switch(city.core, _actor(city, OPERATOR), "mail", on=True)
        work(city)
        assert (len(mail.arrived), left(city)) == (1, 0)


def test_what_is_over_is_swept_after_its_days_and_old_news_is_dead(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "leader@city.example")
        tell(city, case, LEADER)
        work(city)
        desk.switch(city.core, _actor(city, OPERATOR), "mail", on=False)
        tell(city, case, LEADER, first=2000)
        work(city)
        clock.advance(timedelta(days=4))
        desk.switch(city.core, _actor(city, OPERATOR), "mail", on=True)
        work(city)
        assert [row["state"] for row in deliveries(city)] == ["sent", "dead"]
        assert sweeping.sweep(city.core) == 0
        clock.advance(timedelta(days=91))
        assert sweeping.sweep(city.core) == 2
        assert deliveries(city) == []


def test_a_notice_waits_in_the_row_that_its_step_writes_anyway(city: City) -> None:
    case = case_at(city, "Dispatch")
    city.comment(case, "请看", COLLECTOR, people=[person_id(city, LEADER)])
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(notice.c.pending).where(notice.c.instance_id == case, notice.c.kind == "mentioned")
        ).all()
    assert [row.pending for row in rows] == [True]


def _actor(city: City, login: str) -> Any:
    from engine.people import load_actor  # noqa: PLC0415

    with city.core.db.read() as connection:
        return load_actor(connection, login)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_sent_next_is_found_however_much_waits(city: City) -> None:
    """Ten times as many that wait cost about ten times as much looking, not a hundred times: counted in SQLite's own steps."""
    steps: list[int] = []

    def look() -> int:
        while deciding.decide_due(city.core):
            pass
        lapse(city)
        steps.clear()
        assert len(delivering.take(city.core, law, "mail", 4)) == 1  # one message at a time to one address
        return len(steps)

    @event.listens_for(city.core.db.engine, "begin")
    def _counted(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 100)

    with mail_receiver() as mail:
        mail_by(city, mail)
        reach(city, LEADER, "mail", "leader@city.example")
        with city.core.db.read() as connection:
            law = rules.read(connection)
        tell(city, case_at(city, "Dispatch"), LEADER, 100)
        few = look()
        tell(city, case_at(city, "Dispatch"), LEADER, 900)
        assert look() < 20 * few
