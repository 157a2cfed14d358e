"""Every act at its page: possible ones are offered, done in two clicks, and what was typed is kept when something is wrong."""

from __future__ import annotations

import re

import pytest

from tests.bpmn.drawing import chain, end, start, user
from tests.db.talking import bundle
from tests.db.test_signers import VOTED
from tests.factories import (
    COLLECTOR,
    DESIGNER,
    DISPATCHER,
    HANDLER,
    LEADER,
    OTHER_DISPATCHER,
    STRANGER,
    case_at,
    do,
)
from tests.web.letters import WRITTEN, letter
from tests.web.visitor import Forms, Visit, Visitor, words
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # tests/db holds the engine's acts to both


def act(visitor: Visitor, address: str, **answers: object) -> str:
    """Open a dialog, answer it, and say where it led."""
    answer = visitor.submit(address, address, **answers)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["Location"])


def test_a_task_is_signed_for_delegated_given_back_and_finished(visit: Visit, city: City) -> None:
    case = letter(city)
    ref = city.tasks(case)[0].ref
    task = f"/tasks/{ref}"
    mine, prepares = visit(DISPATCHER), visit(OTHER_DISPATCHER)
    assert mine.submit(task, f"{task}/sign").status_code == 303
    assert "已签收" in words(mine.get(task).text)
    to = city.actor(OTHER_DISPATCHER).id
    assert act(mine, f"{task}/delegate", to=to, reason="请先看一遍") == "/inbox"
    page = words(prepares.get(task).text)
    assert "委托您拟办" in page
    assert "收回委托" in mine.get(task).text
    given = {**(Forms(prepares.get(task).text).of(f"{task}/resolve") or {}), **WRITTEN}
    answer = prepares.post(f"{task}/resolve", given)
    assert answer.status_code == 303
    page = mine.get(task).text
    assert "已载入草稿" in words(page)
    assert WRITTEN["remark"] in page
    assert mine.submit(task, task, **WRITTEN).status_code == 303
    assert city.tasks(case)[0].node == "Sign"
    told = words(mine.get(f"/cases/{case}").text)
    for word in ("已签收", "委托给", "受托人已拟办"):
        assert word in told


def test_a_letter_goes_back_is_taken_back_and_is_rejected(visit: Visit, city: City) -> None:
    case = letter(city, "Sign")
    mine, drafts = visit(DISPATCHER), visit(LEADER)
    sign = f"/tasks/{city.tasks(case)[0].ref}"
    dialog = words(mine.get(f"{sign}/back").text)
    assert "审核（上一步）" in dialog
    assert "拟稿" in dialog
    missing = mine.submit(f"{sign}/back", f"{sign}/back", to="Draft", way="straight", reason=" ")
    assert missing.status_code == 422
    assert "请填写退回原因" in missing.text
    assert (Forms(missing.text).of(f"{sign}/back") or {})["to"] == "Draft", "what was chosen is kept"
    act(mine, f"{sign}/back", to="Draft", way="straight", reason="附件缺页")
    draft = city.tasks(case)[0]
    assert draft.node == "Draft"
    page = words(drafts.get(f"/tasks/{draft.ref}").text)
    assert "退回至“拟稿”，办后直达" in page
    assert "附件缺页" in page
    drafts.submit(f"/tasks/{draft.ref}", f"/tasks/{draft.ref}", **WRITTEN)
    sign = f"/tasks/{city.tasks(case)[0].ref}"
    assert city.tasks(case)[0].node == "Sign"
    act(mine, f"{sign}/reject", reason="事项已不需要")
    assert city.instance(case)["status"] == "rejected"
    page = mine.get(f"/cases/{case}").text
    assert 'class="status status-rejected">已否决' in page
    assert "事项已不需要" in page
    assert "Rejected" in visit(DISPATCHER, "en").get("/cases?status=rejected").text


def test_what_was_sent_on_is_taken_back_until_somebody_has_it(visit: Visit, city: City) -> None:
    case = letter(city)
    drafts, other = visit(LEADER), visit(DISPATCHER)
    review = f"/tasks/{city.tasks(case)[0].ref}"
    stale = other.form(review, review)
    assert "撤回" in drafts.get(f"/cases/{case}").text
    act(drafts, f"/cases/{case}/withdraw")
    assert city.tasks(case)[0].node == "Draft"
    late = other.post(review, {**stale, **WRITTEN, "remark": "不能丢的话"})
    assert late.status_code == 409
    assert "已退回、撤回" in words(late.text)
    assert "不能丢的话" in late.text, "what was typed can be copied"
    city.complete(city.tasks(case)[0], WRITTEN, LEADER)
    city.claim(city.tasks(case)[0], DISPATCHER)
    assert "/withdraw" not in drafts.get(f"/cases/{case}").text


def test_signers_give_opinions_and_only_who_may_be_chosen_is(visit: Visit, city: City) -> None:
    case = letter(city)
    ref = city.tasks(case)[0].ref
    mine, signer = visit(DISPATCHER), visit(OTHER_DISPATCHER)
    handler, other = city.actor(HANDLER), city.actor(OTHER_DISPATCHER)
    found = mine.submit(f"/tasks/{ref}/add", f"/tasks/{ref}/add", find="people", q_people=handler.name, reason="请会签")
    assert found.status_code == 200
    assert handler.name in found.text
    assert "请会签" in found.text
    assert city.actor(STRANGER).name not in found.text
    unknown = mine.submit(f"/tasks/{ref}/add", f"/tasks/{ref}/add", people=2**31 - 1, how="beside")
    assert unknown.status_code == 422
    act(mine, f"/tasks/{ref}/add", people=other.id, how="before", reason="请会签")
    (asked,) = city.tasks(case)
    page = words(signer.get(f"/tasks/{asked.ref}").text)
    assert "您的意见" in page
    assert "退回" not in page.partition("办理经过")[0]
    answer = signer.submit(f"/tasks/{asked.ref}", f"/tasks/{asked.ref}", agree="no", opinion="第三条不妥")
    assert answer.status_code == 303
    page = words(mine.get(f"/tasks/{city.tasks(case)[0].ref}").text)
    assert f"加签意见 {other.name} 不同意 第三条不妥" in page
    assert "加签意见：不同意" in page


def test_copies_are_read_people_named_and_those_who_have_it_urged(visit: Visit, city: City) -> None:
    case = letter(city)
    drafts, reader, stranger = visit(LEADER), visit(HANDLER), visit(STRANGER)
    assert reader.get(f"/cases/{case}").status_code == 404
    blind = drafts.submit(
        f"/cases/{case}/comment", f"/cases/{case}/comment", text="请看", people=city.actor(HANDLER).id
    )
    assert blind.status_code == 422
    assert "请先抄送或传阅" in words(blind.text)
    act(drafts, f"/cases/{case}/circulate", people=city.actor(HANDLER).id, note="请阅")
    assert "未阅" in words(drafts.get(f"/cases/{case}").text)
    act(reader, f"/cases/{case}/read", opinion="没有意见")
    page = words(drafts.get(f"/cases/{case}").text)
    assert "已阅 1 / 1" in page
    assert "没有意见" in page
    assert "/read" not in reader.get(f"/cases/{case}").text.partition("<main")[2]
    act(drafts, f"/cases/{case}/comment", text="请看第三条", people=city.actor(HANDLER).id)
    assert f"提到{city.actor(HANDLER).name}" in words(drafts.get(f"/cases/{case}").text)
    act(drafts, f"/cases/{case}/urge", text="今天要发")
    again = drafts.submit(f"/cases/{case}/urge", f"/cases/{case}/urge", text="再催")
    assert again.status_code == 422
    assert "刚刚催办过" in again.text
    assert "再催" in again.text
    for path in ("urge", "copy", "withdraw"):
        assert stranger.get(f"/cases/{case}/{path}").status_code == 404


def test_a_draft_is_kept_for_its_writer_alone(visit: Visit, city: City) -> None:
    case = letter(city)
    ref = city.tasks(case)[0].ref
    task = f"/tasks/{ref}"
    mine, other = visit(DISPATCHER), visit(OTHER_DISPATCHER)
    typed = {**mine.form(task, task), "title": "写了一半", "copies": "x2", "quiet": "yes"}
    assert mine.post(f"{task}/draft", typed).status_code == 204
    page = mine.get(task).text
    assert "写了一半" in page
    assert "已载入草稿" in words(page)
    assert "写了一半" not in other.get(task).text
    assert visit(COLLECTOR).post(f"{task}/draft", {"title": "x"}).status_code in (400, 404)
    late = other.form(task, task)
    assert mine.submit(task, task, **{**WRITTEN, "copies": "2"}).status_code == 303
    assert other.post(f"{task}/draft", {**late, "title": "晚了", "quiet": "yes"}).status_code in (404, 409)


def test_who_was_added_is_taken_away_by_who_added_them(visit: Visit, city: City) -> None:
    case = letter(city)
    ref = city.tasks(case)[0].ref
    mine, signer = visit(DISPATCHER), visit(OTHER_DISPATCHER)
    for how in ("before", "after"):
        act(mine, f"/tasks/{ref}/add", people=city.actor(OTHER_DISPATCHER).id, how=how, reason="请会签")
        there = f"/cases/{case}" if how == "before" else f"/tasks/{ref}"  # held, it has no page of its own
        assert f"{there}/remove_signer" in mine.get(there).text
        if how == "before":
            assert f"{there}/remove_signer" not in signer.get(there).text
            assert "减签" in mine.get(there).text
        dialog = mine.get(f"{there}/remove_signer").text
        assert city.actor(OTHER_DISPATCHER).name in dialog
        whom = re.search(r'name="whom" value="([^"]+)"', dialog)
        assert whom is not None
        act(mine, f"{there}/remove_signer", whom=whom[1], reason="改由他人")
        assert f"{there}/remove_signer" not in mine.get(there).text
        ref = city.tasks(case)[0].ref
        assert city.tasks(case)[0].assignee in (None, city.actor(DISPATCHER).id)
    wrong = mine.submit(f"/cases/{case}/remove_signer", f"/cases/{case}/remove_signer", whom="1.2.3", reason="x")
    assert wrong.status_code == 422


def test_a_voter_who_was_added_is_taken_away_at_the_page_of_the_vote(visit: Visit, city: City) -> None:
    city.deploy(VOTED)
    case = city.start("voted", {}, DESIGNER)
    ref = next(t.ref for t in city.tasks(case) if t.unit == "drainage")
    mine = visit("cailihua")
    act(mine, f"/tasks/{ref}/add", people=city.actor("dingyumei").id, how="beside", reason="涉及环卫")
    assert len(city.tasks(case)) == 3
    twice = mine.submit(f"/tasks/{ref}/add", f"/tasks/{ref}/add", people=city.actor("dingyumei").id, how="beside")
    assert twice.status_code == 422
    assert "已有一票" in twice.text
    whom = re.search(r'name="whom" value="([^"]+)"', mine.get(f"/tasks/{ref}/remove_signer").text)
    assert whom is not None
    act(mine, f"/tasks/{ref}/remove_signer", whom=whom[1], reason="改由他人")
    assert len(city.tasks(case)) == 2


def test_what_the_diagram_forbids_on_a_case_is_not_offered_there(visit: Visit, city: City) -> None:
    denied = '<ld:candidates unit="water_supply" post="handler"/><ld:acts deny="comment attach copy circulate urge"/>'
    city.deploy(bundle(start(), user("A", settings=denied), end(), chain("S", "A", "E"), key="quiet"))
    case = city.start("quiet", {}, HANDLER)
    page = visit(HANDLER).get(f"/cases/{case}").text
    for address in ("comment", "copy", "circulate", "urge", "files"):
        assert f"/cases/{case}/{address}" not in page
    assert f"/cases/{case}/comment" not in visit(HANDLER).get(f"/tasks/{city.tasks(case)[0].ref}").text
    assert f"/cases/{case}/comment" in visit(DISPATCHER).get(f"/cases/{case}").text


def test_a_closed_case_is_opened_again_once(visit: Visit, city: City) -> None:
    case = case_at(city, "Close")
    do(city, case, "Close")
    leader = visit(LEADER)
    assert f"/cases/{case}/reopen" in leader.get(f"/cases/{case}").text
    act(leader, f"/cases/{case}/reopen", text="又坏了")
    assert f"/cases/{case}/reopen" not in leader.get(f"/cases/{case}").text
    assert f"/cases/{case}/lasting" in leader.get(f"/cases/{case}").text


def test_who_gave_back_what_they_prepared_and_lost_the_answer_is_told_that_it_is_done(visit: Visit, city: City) -> None:
    case = letter(city)
    ref = city.tasks(case)[0].ref
    city.claim(ref, DISPATCHER)
    city.delegate(ref, HANDLER, DISPATCHER, "请先拟一稿")
    helper, task = visit(HANDLER), f"/tasks/{ref}"
    given = {**helper.form(task, f"{task}/resolve"), **WRITTEN}
    for _ in range(2):  # the task is no more theirs to see
        assert helper.post(f"{task}/resolve", given).status_code == 303
    assert helper.post(f"{task}/resolve", {**given, "idempotency_key": "other"}).status_code == 404
    assert [h["kind"] for h in city.trail(case)].count("resolved") == 1
