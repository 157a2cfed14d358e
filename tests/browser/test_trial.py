"""A designer tries a draft of the excavation permit out: from the editor to the certificate, over a deadline on the way, and sees the late
light and the reminder that people would have had. Another designer watches it in English, on a phone too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, ViewportSize, expect

from engine import drafts
from tests.browser.conftest import Sit
from tests.browser.desk import Desk
from tests.factories import DESIGNER
from tests.stories import permits

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415

SCREEN = ViewportSize(width=1280, height=800)
OTHER = "fangzhiyuan"


def drafted(city: City) -> int:
    from web.setting_up import bundle
    from web.wiring import PROCESSES

    return drafts.begin(city.core, "excavation_permit", bundle(PROCESSES / "excavation_permit"), DESIGNER, base=1).id


def fill(page: Page, answers: dict[str, Any]) -> None:
    """Fields by their names."""
    for name, value in answers.items():
        field = page.locator(f"main form [name='{name}']")
        kind = str(field.first.evaluate("e => e.tagName + ' ' + e.type"))
        if kind.endswith("radio"):
            _option(page, name, value).check()
        elif kind.startswith("SELECT"):
            field.select_option(str(value), force=True)
        else:
            field.fill(str(value))


def _option(page: Page, name: str, value: Any) -> Locator:
    return page.locator(f"main form [name='{name}'][value='{value}']")


def play(desk: Desk, step: str, node: str, picture: str | None = None) -> None:
    """Do what waits, as the first person who may."""
    with desk.page.expect_navigation():
        desk.page.locator(f".trial-waits [data-row={node}] a").click()
    desk.look()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(step)
    fill(desk.page, permits.ANSWERS[node][1])
    desk.press("提交", desk.page.locator("form.form"), picture)
    desk.says(f"办理了“{step}”")


def test_a_draft_is_tried_out_over_a_deadline(sit: Sit, city: City) -> None:
    draft = drafted(city)
    designer = sit(DESIGNER)
    page = designer.page
    page.set_viewport_size(SCREEN)
    designer.open(f"/definitions/drafts/{draft}")
    kept_or_new = page.locator(".designer-said")
    expect(kept_or_new).to_be_visible()
    with page.expect_navigation(url=re.compile("/trial$")):
        page.locator("[data-act=trial]").click()
    designer.look("trial-new")
    designer.press("开始", picture="trial-empty")
    home = designer.path
    expect(page.locator(".drill-banner")).to_contain_text("试运行")
    designer.press("填写并发起")
    fill(page, permits.APPLIED)
    designer.press("发起", page.locator("form.form"), "trial-started")
    expect(page.locator(".diagram svg").first).to_be_visible()
    play(designer, "窗口受理", "Accept")
    play(designer, page.locator("[data-row=MunicipalReview] strong").inner_text(), "MunicipalReview")
    play(designer, page.locator("[data-row=TrafficReview] strong").inner_text(), "TrafficReview")
    # over the deadline of the decision
    expect(page.locator(".light-red")).to_have_count(0)
    designer.press("到下一个到期")
    page.get_by_label("前进到", exact=True).fill("2026-08-20T09:00")
    designer.press("前进到此刻", picture="trial-late")
    designer.says("时钟到 2026-08-20 09:00")
    expect(page.locator("#trial-waits .light-red")).not_to_have_count(0)
    designer.says("“许可决定”即将到期（许可决定期限），请抓紧办理")
    # another designer watches the same, in English
    other = sit(OTHER, locale="en-GB")
    other.page.set_viewport_size(SCREEN)
    other.open(home, "trial-late-en")
    other.says("What people would be told")
    phone = sit(OTHER, phone=True, locale="en-GB")
    phone.open(home, "trial-phone-en")
    with phone.page.expect_navigation():
        phone.page.locator(".trial-waits a").first.click()
    phone.look("trial-task-phone-en")
    sit(DESIGNER, phone=True).open(home, "trial-phone")
    # on to the certificate
    for node in ("Decide", "Issue"):
        play(designer, page.locator(f"[data-row={node}] strong").inner_text(), node)
    designer.look("trial-granted")
    expect(page.locator("code", has_text=re.compile("^certificate$"))).to_be_visible()
    designer.press("结束试运行", picture="trial-ended")
    designer.says("此试运行已结束")


def test_where_a_draft_cannot_go_on_leads_into_the_drawing(sit: Sit, city: City) -> None:
    from tests.bpmn.drawing import chain, drawing, end, process, shape, start, user

    nobody = user("Second", settings='<ld:candidates unit="=where" post="leader"/>')
    places = [shape(name, 40 + 120 * at, 60) for at, name in enumerate(("S", "First", "Second", "E"))]
    outside = drawing(*places).replace('bpmnElement="P"', 'bpmnElement="stuck"')
    stuck = process(
        start(), user("First"), nobody, end(), chain("S", "First", "Second", "E"), outside=outside, id="stuck"
    )
    draft = drafts.begin(city.core, "stuck", {"stuck.bpmn": stuck}, DESIGNER).id
    designer = sit(DESIGNER)
    designer.open(f"/definitions/drafts/{draft}/trial")
    designer.press("开始")
    designer.press("填写并发起")
    designer.press("发起", designer.page.locator("form.form"))
    with designer.page.expect_navigation():
        designer.page.locator(".trial-waits [data-row=First] a").click()
    answer = designer.press("提交", designer.page.locator("form.form"))
    assert answer is not None
    assert answer.status == 422
    designer.says("找不到办理人")
    designer.press("返回", designer.page.locator("form.form"), "trial-stuck")
    designer.says("走不下去")
    with designer.page.expect_navigation():
        designer.page.get_by_role("link", name="在图中查看此处").click()
    expect(designer.page.locator(".djs-element.selected[data-element-id$=Second]")).to_be_visible()
