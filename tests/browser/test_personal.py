"""A task signed by hand on a phone; what was shown to somebody, read in two taps."""

from __future__ import annotations

from engine.acts import copying, delegating
from tests.bpmn.drawing import chain, end, start, user
from tests.browser.conftest import Sit
from tests.db.talking import bundle
from tests.factories import HANDLER, OPERATOR, STRANGER, case_at, task_at
from web.city import City

SIGNED = '<ld:names en="Issue"/><ld:candidates unit="water_supply" post="handler"/><ld:signature ask="required"/>'


def test_a_signature_is_drawn_on_a_phone(city: City, sit: Sit) -> None:
    city.deploy(bundle(start(), user("签发", settings=SIGNED), end(), chain("S", "签发", "E"), key="drawn"))
    case = city.start("drawn", {}, OPERATOR, given={"title": "关于汛期供水保障的通知"})
    desk = sit(HANDLER, phone=True)
    page = desk.open("/account/stamp", "stamp-phone")
    page = desk.open(f"/tasks/{city.tasks(case)[0].ref}")
    pad = page.locator("canvas.signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 20, steps=6)
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 20, steps=4)
    page.mouse.up()
    desk.look("signing-phone")
    desk.submit()
    assert city.instance(case)["status"] == "completed"
    row = next(row for row in city.trail(case) if row["kind"] == "completed")
    assert row["data"]["signature"]["how"] == "drawn"


def test_what_was_shown_is_read_at_the_desk(city: City, sit: Sit) -> None:
    case = case_at(city, "Handle")
    delegating.delegate(city.core, task_at(city, case, "Handle").ref, city.actor(STRANGER).id, HANDLER)
    for how, note in (("circulate", "请各位阅处，本周五前反馈意见"), ("copy", "")):
        copying.copy(city.core, case, [city.actor(STRANGER).id], HANDLER, how=how, note=note)  # type: ignore[arg-type]
    desk = sit(STRANGER)
    desk.open("/copies", "copies")
    sit(HANDLER, phone=True).open("/copies?show=delegated", "delegated-phone")
    desk.page.get_by_label("意见（可不填）").fill("同意，无意见")
    desk.page.get_by_role("button", name="已阅").click()
    desk.page.wait_for_url("**/copies")
    desk.open("/copies?show=all", "copies-all")
    assert city.trail(case)[-1]["data"]["text"] == "同意，无意见"
