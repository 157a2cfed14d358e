"""An emergency plan at the browser: a coordinator commands it from a phone, a head signs, a unit that was called out does its order in the
street, and the board shows all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import ViewportSize, expect

from tests import emergency as em
from tests.browser.conftest import Sit
from tests.browser.desk import Desk

if TYPE_CHECKING:
    from web.city import City

PLAN = "plan_cover"
NAME, TITLE, PLACE = "井盖管理应急预案", "章华北路井盖缺失", "章华北路与紫月路交叉口"
UNIT, UNIT_NAME = "luqiuju", "市政设施维护中心"
MAYOR = "baoguoping"
SCREEN, WALL = ViewportSize(width=1280, height=800), ViewportSize(width=1920, height=1080)


def take(desk: Desk, picture: str | None = None) -> None:
    """Claim the task that is open on the page, where it is its unit's."""
    if desk.page.get_by_role("button", name="领取", exact=True).count():
        desk.press("领取")
    desk.look(picture)


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
    """Open the task in the inbox whose line holds this text."""
    desk.open("/inbox?tab=unit", picture)
    desk.row(text).get_by_role("link", name=TITLE).click()
    desk.look()


def test_a_coordinator_commands_from_a_phone(sit: Sit, city: City) -> None:
    desk = sit(em.COORDINATOR, phone=True)
    page = desk.page
    desk.open("/emergency", "emergency-phone")
    desk.press(f"启动 {NAME}", picture="emergency-start-phone")
    desk.press("启动", page.locator("main form"))
    desk.says("有 1 项需要修改")
    fill(desk, title=TITLE, place=PLACE, missing_count="1")
    desk.press("启动", page.locator("main form"), picture="emergency-begun-phone")
    desk.says("已启动，编号")
    board = desk.path
    case = int(board.rpartition("/")[2])
    desk.says("先核实、定级")
    desk.press("核实", page.locator("main"))
    take(desk, "emergency-verify-phone")
    desk.choose("核实结果", "属实")
    desk.submit()
    city.run_due()

    head = sit(em.HEAD, phone=True)
    inboxed(head, TITLE, "emergency-head-inbox-phone")
    take(head)
    head.choose("决定", "按此级别启动")
    fill(head, matter="井盖缺失Ⅳ级响应", duration_hours="12", measures="围挡看护，查明权属，补装井盖")
    head.submit()
    head.says("签")  # without a signature it does not take effect (突发事件应对法 72)
    sign(head)
    head.look("emergency-start-order-phone")
    head.submit()
    city.run_due()

    desk.open(board, "emergency-ordered-phone")
    desk.says("Ⅳ级（一般）")
    expect(page.locator(".em-order.em-unsigned")).to_have_count(2)
    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "CarryOut", {"order_result": "done", "done_note": "已围挡看护"})
    city.advance(timedelta(hours=5))
    desk.open(board, "emergency-late-phone")
    expect(page.locator(".em-order.em-done")).to_have_count(1)
    expect(page.locator(".em-order.em-late")).to_have_count(1)
    expect(page.locator(".em-missing")).to_have_count(1)

    desk.press("升降级、延长或终止")
    take(desk, "emergency-assess-phone")
    desk.choose("建议", "升级或降级")
    page.get_by_label("建议级别").select_option(label="Ⅲ级（较大）")
    fill(desk, assess_reason="同路段又发现两处缺失")
    desk.submit()
    city.run_due()
    em.answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 8, "measures": "全路段排查"})
    city.run_due()
    desk.open(board, "emergency-raised-phone")
    desk.says("Ⅲ级（较大）")
    expect(page.locator(".em-order.em-unsigned")).to_have_count(6)
    screens(sit, case, "emergency-raised")

    desk.press("升降级、延长或终止")
    take(desk)
    desk.choose("建议", "终止响应")
    fill(desk, assess_reason="井盖已全部补装")
    desk.submit()
    city.run_due()
    inboxed(head, TITLE)
    take(head)
    head.choose("决定", "终止响应")
    fill(head, end_reason="险情解除", lifted="撤除围挡", announcement="井盖已补装，恢复通行。")
    sign(head)
    head.look("emergency-end-order-phone")
    head.submit()
    city.run_due()
    desk.open(board, "emergency-ended-phone")
    desk.says("共历时")
    desk.says("签署终止令")


def test_a_unit_called_out_does_its_order_on_a_phone(sit: Sit, city: City) -> None:
    case = em.begin(city, plan=PLAN, title=TITLE, place=PLACE)
    em.answer(city, case, "Verify", {"verify_decision": "real", "missing_count": 1})
    em.answer(city, case, "StartOrder", em.ORDER)
    city.run_due()
    watching = sit(em.COORDINATOR)
    watching.page.set_viewport_size(SCREEN)
    watching.open(f"/emergency/{case}", "emergency-board-1280")

    unit = sit(UNIT, phone=True)
    page = unit.page
    inboxed(unit, "签收任务", "emergency-unit-inbox-phone")
    take(unit, "emergency-sign-phone")
    unit.says("临时围挡，30 分钟内查明权属")
    unit.choose("签收", "签收，立即执行")
    unit.submit("emergency-signed-phone")
    city.run_due()
    expect(watching.page.locator(".em-order.em-signed")).to_have_count(1)  # by itself, without a reload
    city.advance(timedelta(minutes=18))
    inboxed(unit, "执行任务")
    take(unit, "emergency-carry-out-phone")
    unit.choose("结果", "已完成")
    fill(unit, done_note="已围挡，属自来水公司", people="4", vehicles="1")
    unit.submit()
    city.run_due()
    inboxed(unit, "情况报告")
    take(unit, "emergency-report-phone")
    fill(unit, situation="现场已围挡，等待补装", report_people="4", needs="照明车一台")
    unit.choose("级别建议", "维持")
    unit.submit("emergency-reported-phone")
    city.run_due()
    unit.open(f"/emergency/{case}", "emergency-unit-board-phone")

    watching.open(f"/emergency/{case}", "emergency-reported-1280")
    watching.says("现场已围挡，等待补装")
    watching.says("照明车一台")
    expect(watching.row(UNIT_NAME).or_(watching.page.locator(".em-unit").filter(has_text=UNIT_NAME))).to_contain_text("已完成")
    screens(sit, case, "emergency-unit")


def screens(sit: Sit, case: int, name: str) -> None:
    """The board as a desk, a wall and an English reader have it."""
    for size in (SCREEN, WALL):
        desk = sit(em.COORDINATOR)
        desk.page.set_viewport_size(size)
        desk.open(f"/emergency/{case}", f"{name}-{size['width']}")
    desk.open(f"/emergency/{case}?wall=1", f"{name}-wall")
    sit(em.OTHER_COORDINATOR, phone=True, locale="en").open(f"/emergency/{case}", f"{name}-en-phone")
