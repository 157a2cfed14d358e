"""An emergency plan at the browser: a coordinator commands it from a phone, a head signs, a unit that was called out does its order in the
street, and the board shows all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect

from tests import emergency as em
from tests.browser.conftest import Sit
from tests.browser.desk import Desk

if TYPE_CHECKING:
    from web.city import City

PLAN = "plan_cover"
NAME, TITLE, PLACE = "井盖管理应急预案", "章华北路井盖缺失", "章华北路与紫月路交叉口"
UNIT, UNIT_NAME = "luqiuju", "市政设施维护中心"
WANTED, WANTED_EN = "临时围挡，30 分钟内查明权属", "Barrier; owner named within 30 minutes"
SCREEN, WALL = ViewportSize(width=1280, height=800), ViewportSize(width=1920, height=1080)


def take(desk: Desk, picture: str | None = None) -> None:
    """Claim the task that is open on the page: it is its unit's."""
    desk.press("领取", picture=picture)


def sign(desk: Desk) -> None:
    """Write on the signature pad."""
    pad = desk.page.locator("canvas.signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse = desk.page.mouse
    mouse.move(box["x"] + 30, box["y"] + 30)
    mouse.down()
    for step in range(1, 8):
        mouse.move(box["x"] + 30 + 30 * step, box["y"] + 30 + (40 if step % 2 else 0))
    mouse.up()


def fill(desk: Desk, **answers: str) -> None:
    """Fields of the form by their names."""
    for name, value in answers.items():
        desk.page.locator(f"[name={name}]").fill(value)


def inboxed(desk: Desk, text: str, picture: str | None = None) -> None:
    """Find the task in the inbox by what its line says, open it, and claim it."""
    desk.open("/inbox?tab=unit", picture)
    desk.press(TITLE, desk.row(text))
    take(desk)


def test_a_coordinator_commands_from_a_phone(sit: Sit, city: City) -> None:
    desk, head = sit(em.COORDINATOR, phone=True), sit(em.HEAD, phone=True)
    board = begun(desk, city)
    case = int(board.rpartition("/")[2])
    start_order(head, city)
    desk.open(board)
    desk.says("Ⅳ级（一般）")
    standing(desk, unsigned=2)

    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "CarryOut", {"order_result": "done", "done_note": "已围挡看护"})
    city.advance(timedelta(hours=5))
    desk.open(board, "emergency-late-phone")
    standing(desk, done=1, late=1)
    expect(desk.page.locator(".em-missing")).to_have_count(1)

    proposed(desk, city, "升级或降级", "同路段又发现两处缺失", picture="emergency-assess-phone")
    em.answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 8, "measures": "全路段排查"})
    city.run_due()
    desk.open(board)
    desk.says("Ⅲ级（较大）")
    standing(desk, unsigned=6, done=1, late=1)
    screens(sit, case)

    proposed(desk, city, "终止响应", "井盖已全部补装")
    inboxed(head, "签署终止令")
    head.choose("决定", "终止响应")
    fill(head, end_reason="险情解除", lifted="撤除围挡", announcement="井盖已补装，恢复通行。")
    sign(head)
    head.submit()
    city.run_due()
    desk.open(board, "emergency-ended-phone")
    desk.says("共历时")
    desk.says("签署终止令")
    desk.open("/emergency")
    desk.says(TITLE)


def begun(desk: Desk, city: City) -> str:
    """A plan started from the phone's form and verified; answers the address of its board."""
    page = desk.page
    desk.open("/emergency", "emergency-phone")
    desk.press(f"启动 {NAME}", picture="emergency-start-phone")
    desk.press("启动", page.locator("main form"))
    desk.says("有 1 项需要修改")
    fill(desk, title=TITLE, place=PLACE, missing_count="1")
    desk.press("启动", page.locator("main form"), picture="emergency-begun-phone")
    desk.says("已启动，编号")
    desk.says("先核实、定级")
    board = desk.path
    desk.press("核实", page.locator("main"))
    take(desk)
    desk.choose("核实结果", "属实")
    desk.submit()
    city.run_due()
    return board


def start_order(head: Desk, city: City) -> None:
    """The head finds the start order in the inbox; without a signature it has no effect (突发事件应对法 72)."""
    inboxed(head, "签署启动令")
    head.choose("决定", "按此级别启动")
    fill(head, matter="井盖缺失Ⅳ级响应", duration_hours="12", measures="围挡看护，查明权属，补装井盖")
    head.submit()
    head.says("须签名或盖章")
    sign(head)
    head.look("emergency-start-order-phone")
    head.submit()
    city.run_due()


def proposed(desk: Desk, city: City, what: str, why: str, picture: str | None = None) -> None:
    """The coordinator proposes another level (Ⅲ) or the end, from the board."""
    desk.press("升降级、延长或终止")
    take(desk, picture)
    desk.choose("建议", what)
    if what == "升级或降级":
        desk.page.get_by_label("建议级别").select_option(label="Ⅲ级（较大）")
    fill(desk, assess_reason=why)
    desk.submit()
    city.run_due()


def standing(desk: Desk, **orders: int) -> None:
    """So many orders stand so, and no others are on the board."""
    for state, number in orders.items():
        expect(desk.page.locator(f".em-order.em-{state}")).to_have_count(number)
    expect(desk.page.locator(".em-order")).to_have_count(sum(orders.values()))


def screens(sit: Sit, case: int) -> None:
    """The board as a desk and a wall have it, and who reads English on a phone."""
    desk = sit(em.COORDINATOR)
    desk.page.set_viewport_size(SCREEN)
    desk.open(f"/emergency/{case}", "emergency-board-1280")
    desk.page.set_viewport_size(WALL)
    desk.open(f"/emergency/{case}", "emergency-board-1920")
    desk.open(f"/emergency/{case}?wall=1", "emergency-wall")
    sit(em.OTHER_COORDINATOR, phone=True, locale="en").open(f"/emergency/{case}", "emergency-board-en-phone")


@pytest.mark.parametrize("kind", ["zh-phone", "en-desk"])
def test_a_unit_called_out_does_its_order(sit: Sit, city: City, kind: str) -> None:
    """On a phone in the street, and at a desk in English: the order in the reader's language alone, signed for, done, reported."""
    english = kind == "en-desk"
    case = em.begin(city, plan=PLAN, title=TITLE, place=PLACE)
    em.answer(city, case, "Verify", {"verify_decision": "real", "missing_count": 1})
    em.answer(city, case, "StartOrder", {**em.ORDER, "matter": "井盖缺失Ⅳ级响应", "measures": "围挡看护，查明权属"})
    city.run_due()
    watching = sit(em.COORDINATOR)
    watching.open(f"/emergency/{case}")
    standing(watching, unsigned=2)

    unit = sit(UNIT, phone=not english, locale="en-GB" if english else "zh-CN")
    called(unit, "Sign for the order" if english else "签收任务", f"emergency-sign-{kind}")
    unit.says(WANTED_EN if english else WANTED)
    assert (WANTED if english else WANTED_EN) not in unit.page.content()  # in the reader's language alone
    answered(unit, city, receipt_decision="accept")
    standing(watching, unsigned=1, signed=1)  # by itself: the page stays open

    city.advance(timedelta(minutes=18))
    called(unit, "Carry out the order" if english else "执行任务", f"emergency-carry-out-{kind}")
    fill(unit, done_note="已围挡，属自来水公司", people="4", vehicles="1")
    answered(unit, city, order_result="done")
    called(unit, "Situation report" if english else "情况报告", f"emergency-report-{kind}")
    fill(unit, situation="现场已围挡，等待补装", report_people="4", needs="照明车一台")
    answered(unit, city, wish_level="keep")
    unit.open(f"/emergency/{case}", f"emergency-unit-board-{kind}")

    watching.open(f"/emergency/{case}", "emergency-reported")
    watching.says("现场已围挡，等待补装")
    watching.says("照明车一台")
    standing(watching, late_unsigned=1, done=1)
    done = watching.page.locator(".em-unit").filter(has_text=UNIT_NAME)
    expect(done).to_contain_text("已完成")
    expect(done).to_contain_text(WANTED)


def called(unit: Desk, step: str, picture: str) -> None:
    """The unit finds what it was called out for in its inbox, and claims it: in whichever language it reads."""
    unit.open("/inbox?tab=unit", picture.replace("sign", "inbox") if "sign" in picture else None)
    with unit.page.expect_navigation():  # a line is called by what its order says, not by the case
        unit.row(step).locator("a.row-title").click()
    unit.press("Claim" if unit.english else "领取", picture=picture)


def answered(unit: Desk, city: City, **chosen: str) -> None:
    """Choose these answers, and hand the form in."""
    for name, value in chosen.items():
        unit.page.locator(f"[name={name}][value={value}]").check()
    unit.press("Submit" if unit.english else "提交", unit.page.locator("form.form"))
    city.run_due()
