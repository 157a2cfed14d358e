"""What concerns a person: signing for, drafts, delegating, urging, copies, being named; on both databases, step by step on a real case."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import insert, select

from engine import access, files
from engine.acts import completing, copying, delegating, drafts, receiving, signature, talking, urging
from engine.clock import ManualClock
from engine.errors import Invalid, KeyReused, NotAllowed, NotFound, TaskGone
from engine.operating import suspending
from engine.public import technical
from engine.tables import copy, draft, history, notice, receipt, recusal, stamp
from forms.errors import InvalidAnswers
from tests import laws
from tests.bpmn.drawing import chain, end, start, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import (
    ACCEPTOR,
    COLLECTOR,
    DISPATCHER,
    HANDLER,
    LEADER,
    OPERATOR,
    OTHER_LEADER,
    STRANGER,
    case_at,
    do,
    task_at,
)
from web.city import City
from web.wiring import PROCESSES

ADMINISTRATOR = "feiguoqing"
DONE = {"handle_result": "done", "handle_note": "已更换井盖"}
ONE = '<ld:candidates unit="market_regulation" post="reviewer"/>'
OTHER = '<ld:candidates unit="ecology" post="reviewer"/><ld:fourEyes with="Do"/>'
PERSON = '<ld:candidates person="only_one"/>'


def ids(city: City, *logins: str) -> list[int]:
    return [city.actor(login).id for login in logins]


def told(city: City, login: str) -> list[str]:
    """The kinds of what somebody was told, oldest first."""
    query = select(notice.c.kind).where(notice.c.person_id == city.actor(login).id)
    with city.core.db.read() as connection:
        return list(connection.execute(query.order_by(notice.c.at, notice.c.id)).scalars())


def sees(city: City, login: str, case: int) -> bool:
    with city.core.db.read() as connection:
        return access.can(access.check_can_see, connection, city.actor(login), case)


def test_signing_for_drafts_and_urging(city: City, clock: ManualClock) -> None:
    core, case = city.core, case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    receiving.sign(core, ref, HANDLER, key="s")
    assert receiving.sign(core, ref, HANDLER, key="s")["task"]  # the same request once more
    with pytest.raises(Invalid, match="signed for"):
        receiving.sign(core, ref, HANDLER)
    with pytest.raises(NotFound):
        receiving.sign(core, ref, STRANGER)

    kept = drafts.save(core, ref, {"handle_note": "已\x00", "status": "invented", "reporter_name": "张三"}, HANDLER)
    assert kept.answers == {"handle_note": "已"}
    drafts.save(core, ref, {"handle_note": "已更"}, HANDLER)
    with pytest.raises(NotFound):
        drafts.save(core, ref, {}, STRANGER)
    with pytest.raises(NotFound):
        drafts.load(core, ref, STRANGER)

    for way in ({"task_id": None}, {"task_id": 10**6}):
        with pytest.raises(NotFound):  # nobody learns of a case by urging it
            urging.urge(core, case, STRANGER, **way)
    with pytest.raises(NotAllowed):  # sees it, and waits for nothing
        urging.urge(core, case, OTHER_LEADER)
    assert urging.urge(core, case, COLLECTOR, text="请尽快")["people"] == 1
    with pytest.raises(Invalid, match="again after"):
        urging.urge(core, case, DISPATCHER)  # who dispatched it sent it on, but it was urged just now
    clock.advance(timedelta(minutes=61))
    urging.urge(core, case, DISPATCHER)
    assert told(city, HANDLER).count("urged") == 2

    laws.check(city, case)


def test_what_is_personal_is_in_no_draft_and_no_proposal(city: City) -> None:
    core, name, phone = city.core, "欧阳测试", "13900001234"
    form = (PROCESSES.parent / "forms" / "schemas" / "case_dispatch" / "public.json").read_bytes()
    settings = ONE + '<ld:form ref="public"/>'
    parts = (start(), user("Take", settings=settings), end(), chain("S", "Take", "E"))
    city.deploy(bundle(*parts, key="taking", files={"public.json": form}))
    for login in ("taker", "helper"):
        organising.hire(city, login, "market_regulation", "reviewer")
    case = city.start("taking", {}, OPERATOR)
    ref = task_at(city, case, "Take").ref
    answers = {"topic": "C-01", "title": "路灯不亮", "contact": "named", "reporter_name": name, "reporter_phone": phone}
    kept = drafts.save(core, ref, answers, "taker")
    assert (kept.answers.get("title"), kept.left_out) == ("路灯不亮", ("reporter_name", "reporter_phone"))
    with pytest.raises(Invalid, match="bytes"):
        drafts.save(core, ref, {"title": "长" * 40_000}, "taker")
    delegating.delegate(core, ref, city.actor("helper").id, "taker")
    assert delegating.resolve(core, ref, answers, "helper")["left_out"] == ["reporter_name", "reporter_phone"]
    for table in (draft, history, receipt, notice):
        held = repr(laws.rows(city, table, case))
        assert name not in held
        assert phone not in held
    city.complete(ref, answers, "taker")


def test_what_is_delegated_comes_back_as_a_proposal(city: City) -> None:
    core, case = city.core, case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    me, other = ids(city, HANDLER, STRANGER)
    with pytest.raises(Invalid):
        delegating.delegate(core, ref, me, HANDLER)
    with pytest.raises(Invalid):  # who is shown no cases
        delegating.delegate(core, ref, city.actor(ADMINISTRATOR).id, HANDLER)
    delegating.delegate(core, ref, other, HANDLER, reason="出差")
    assert sees(city, STRANGER, case)
    acts: tuple[Callable[[], object], ...] = (
        lambda: city.complete(ref, DONE, STRANGER),
        lambda: city.transfer(ref, HANDLER, STRANGER),
        lambda: delegating.delegate(core, ref, me, STRANGER),
        lambda: city.complete(ref, DONE, HANDLER),
        lambda: city.claim(ref, HANDLER),
        lambda: delegating.recall(core, ref, STRANGER),
    )
    for act in acts:
        with pytest.raises((NotAllowed, TaskGone)):
            act()
    with pytest.raises(NotAllowed):
        delegating.resolve(core, ref, DONE, HANDLER)
    laws.check(city, case)
    delegating.recall(core, ref, HANDLER)
    with pytest.raises(NotFound):
        drafts.save(core, ref, DONE, STRANGER)
    with pytest.raises(Invalid, match="not delegated"):
        delegating.recall(core, ref, HANDLER)
    delegating.delegate(core, ref, other, HANDLER)
    with pytest.raises(InvalidAnswers):
        delegating.resolve(core, ref, {"handle_result": "?"}, STRANGER)
    first = delegating.resolve(core, ref, DONE, STRANGER, text="请核", key="r")
    assert delegating.resolve(core, ref, DONE, STRANGER, text="请核", key="r") == first
    with pytest.raises(KeyReused):
        delegating.resolve(core, ref, DONE, STRANGER, text="别的", key="r")
    proposed = drafts.load(core, ref, HANDLER)
    assert proposed is not None
    assert proposed.answers == DONE
    assert sees(city, STRANGER, case)  # they were asked
    city.complete(ref, proposed.answers, HANDLER)
    assert told(city, HANDLER) == ["resolved"]
    assert told(city, STRANGER) == ["delegated", "recalled", "delegated"]
    assert drafts.sweep(core) == 1
    with pytest.raises(NotFound):
        drafts.load(core, ref, HANDLER)
    do(city, case, "Feedback")
    do(city, case, "Check")
    do(city, case, "Close")
    assert told(city, COLLECTOR)[-1] == "ended"
    with pytest.raises(Invalid, match="has ended"):
        urging.urge(core, case, COLLECTOR)
    laws.check(city, case)


def test_copies_receipts_and_being_named(city: City) -> None:
    core, case = city.core, case_at(city, "Handle")
    stranger, acceptor, administrator = ids(city, STRANGER, ACCEPTOR, ADMINISTRATOR)
    for refused in ([], [administrator], [stranger, 10**6], [technical.person_id(core)]):
        with pytest.raises(Invalid):
            copying.copy(core, case, refused, HANDLER)
    with pytest.raises(NotFound):
        copying.copy(core, case, [stranger], STRANGER)
    with pytest.raises(Invalid, match="cannot be named"):
        talking.comment(core, case, "请看", HANDLER, people=[stranger])
    assert not sees(city, STRANGER, case)
    copying.copy(core, case, [stranger, acceptor, stranger], HANDLER, how="circulate", note="请阅", key="c")
    copying.copy(core, case, [stranger, acceptor, stranger], HANDLER, how="circulate", note="请阅", key="c")
    assert sees(city, STRANGER, case)
    with pytest.raises(Invalid, match="not passed on"):
        copying.copy(core, case, [acceptor], STRANGER)
    talking.comment(core, case, "请看", HANDLER, people=[stranger, stranger])
    with pytest.raises(Invalid, match="no copy"):
        copying.read(core, case, LEADER)
    assert copying.read(core, case, STRANGER)["read"] == 1
    assert copying.read(core, case, STRANGER)["read"] == 0
    assert told(city, HANDLER) == []
    suspending.suspend(core, case, OPERATOR, "核对")
    copying.read(core, case, STRANGER, opinion="同意")  # one may read and speak while it stands still
    with pytest.raises(Invalid, match="before"):
        copying.read(core, case, STRANGER, opinion="再说")
    with pytest.raises(Exception, match="suspended"):
        urging.urge(core, case, COLLECTOR)
    suspending.resume(core, case, OPERATOR, "继续")
    assert copying.read(core, case, ACCEPTOR)["read"] == 1  # the last receipt
    assert [kind for kind in told(city, HANDLER) if kind == "read"] == ["read", "read"]
    assert told(city, STRANGER) == ["circulated", "mentioned"]
    with core.db.read() as connection:
        rows = connection.execute(select(copy.c.read_at, copy.c.opinion).where(copy.c.instance_id == case)).all()
    assert sorted(row.opinion for row in rows) == ["", "同意"]
    assert all(row.read_at for row in rows)

    with core.db.write() as connection:  # it turns out to be about the stranger's unit
        home = sorted(city.actor(STRANGER).home_units)
        connection.execute(insert(recusal), [{"instance_id": case, "unit_id": unit_id} for unit_id in home])
    assert not sees(city, STRANGER, case)
    with pytest.raises(Invalid):
        copying.copy(core, case, [stranger], HANDLER)
    laws.check(city, case)


def test_delegation_keeps_four_eyes_and_substitutes(city: City) -> None:
    core = city.core
    city.deploy(
        bundle(
            start(),
            user("Do", settings=ONE),
            user("Check", settings=OTHER),
            end(),
            chain("S", "Do", "Check", "E"),
            key="asked",
        )
    )
    city.deploy(bundle(start(), user("Alone", settings=PERSON), end(), chain("S", "Alone", "E"), key="own"))
    for login in ("owner", "colleague"):
        organising.hire(city, login, "market_regulation", "reviewer")
    for login in ("delegate", "checker"):
        organising.hire(city, login, "ecology", "reviewer")
    case = city.start("asked", {}, OPERATOR)
    ref = task_at(city, case, "Do").ref
    delegating.delegate(core, ref, city.actor("delegate").id, "owner")
    delegating.resolve(core, ref, {}, "delegate")
    city.transfer(ref, "colleague", "owner")
    city.complete(ref, {}, "colleague")
    organising.put(city, "owner", "ecology", "reviewer")
    check = task_at(city, case, "Check").ref
    for who in ("delegate", "owner"):  # who prepared it, and who asked them to
        with pytest.raises(NotAllowed):
            city.complete(check, {}, who)
    with pytest.raises(NotAllowed):  # nobody picks who checks them
        delegating.delegate(core, check, city.actor("checker").id, "delegate")
    with pytest.raises(Invalid, match="four eyes"):
        delegating.delegate(core, check, city.actor("delegate").id, "checker")
    laws.check(city, case)
    city.complete(check, {}, "checker")

    organising.hire(city, "only_one", "transport", "reviewer")
    organising.hire(city, "stand_in", "ecology", "handler")
    organising.lend(city, "only_one", "stand_in")
    organising.lend(city, "delegate", "checker")
    own = city.start("own", {}, OPERATOR)
    ref = task_at(city, own, "Alone").ref
    assert told(city, "only_one") == ["assigned"]
    delegating.delegate(core, ref, city.actor("delegate").id, "stand_in")  # for whom they stand in
    with pytest.raises(NotAllowed):
        delegating.resolve(core, ref, {}, "only_one")
    delegating.resolve(core, ref, {}, "checker")  # who stands in for the delegate
    (task,) = city.tasks(own)
    assert task.assignee == city.actor("only_one").id
    delegating.delegate(core, ref, city.actor("delegate").id, "only_one")
    organising.dismiss(city, "delegate")
    delegating.recall(core, ref, "stand_in")
    city.complete(ref, {}, "stand_in")
    laws.check(city)


def drawing(*lines: tuple[int, int, int, int]) -> bytes:
    """A PNG of a canvas with these lines on it."""
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=(28, 39, 51, 255), width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_signature_is_asked_for_and_stays(city: City) -> None:
    core = city.core
    settings = ONE + '<ld:signature ask="required"/>'
    city.deploy(
        bundle(
            start(),
            user("Issue", settings=settings),
            user("File", settings=settings),
            end(),
            chain("S", "Issue", "File", "E"),
            key="issue",
        )
    )
    organising.hire(city, "head", "market_regulation", "reviewer")
    head = city.actor("head")
    case = city.start("issue", {}, OPERATOR)
    ref = task_at(city, case, "Issue").ref
    with pytest.raises(Invalid, match="signed or stamped"):
        city.complete(ref, {}, "head")
    for empty in (drawing(), drawing((5, 5, 6, 6)), b"no picture"):
        with pytest.raises(Invalid):
            signature.drawn(core, empty)
    with pytest.raises(Invalid, match="no stamp"):
        signature.stamped(core, head)
    hand = drawing((20, 20, 400, 150), (400, 20, 20, 150))
    city_complete(city, ref, signature.drawn(core, hand))
    signature.keep_stamp(core, head, drawing((0, 100, 599, 100), (300, 0, 300, 199)))
    files.sweep(core)
    mine = signature.stamped(core, head)
    city_complete(city, task_at(city, case, "File").ref, mine)
    signed = [row["data"]["signature"] for row in city.trail(case) if row["kind"] == "completed"]
    assert [one["how"] for one in signed] == ["drawn", "stamp"]
    attached = {row["data"]["hash"] for row in city.trail(case) if row["kind"] == "attached"}
    assert {one["hash"] for one in signed} == attached
    assert files.fetch(core, case, signed[1]["attachment"], "head").hash == mine.file.hash
    signature.drop_stamp(core, head)
    with core.db.read() as connection:
        assert connection.execute(select(stamp)).first() is None
    laws.check(city, case)


def city_complete(city: City, ref: str, signed: signature.Signature) -> None:
    completing.complete(city.core, ref, {}, "head", signed=signed)
