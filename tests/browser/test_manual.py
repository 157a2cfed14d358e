"""A new designer, by the page's own help: an approval step with a form, a limit and an escalation in the permit to dig, published by two.
Its pictures are the manual (`python -m tests.manual` puts them there)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.tables import instance
from tests.browser.conftest import SCREENSHOTS, Sit
from tests.browser.drawing import at, become, drag, entry, join, make_room, near, open_group, put_on, shape
from tests.factories import DESIGNER, task_at
from tests.stories import permits

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from tests.browser.desk import Desk
    from web.city import City

OTHER, HEAD = "fangzhiyuan", "tangshuzhen"
KEY = "excavation_permit"
WIDTH, HEIGHT = 1280, 800


class Journey:
    """One designer's way in one language, with a picture of each station."""

    def __init__(self, desk: Desk, locale: str) -> None:
        self.desk = desk
        self.page: Page = desk.page
        self.locale = locale
        self.gate = ""
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def say(self, zh: str, en: str) -> str:
        """The words of this journey's language."""
        return zh if self.locale == "zh" else en

    def picture(self, name: str) -> None:
        """What is on the screen, for the manual."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path: Path = SCREENSHOTS / f"manual-{name}-{self.locale}.png"
        self.page.screenshot(path=path, animations="disabled")
        self.page.evaluate("window.scrollTo(0, 0)")  # a link half under the bar is too small a target
        self.desk.look()

    def show(self, part: str) -> None:
        """Scroll until the end of a part is on the screen."""
        self.page.evaluate("part => document.querySelector(part).scrollIntoView({block: 'end'})", part)

    def press(self, zh: str, en: str, within: str = "body") -> None:
        """A button, which leads to a page."""
        self.desk.press(self.say(zh, en), self.page.locator(within))


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_approval_step_with_form_limit_and_escalation(sit: Sit, city: City, clock: ManualClock, locale: str) -> None:
    browser_locale = {"zh": "zh-CN", "en": "en-GB"}[locale]
    one = Journey(sit(DESIGNER, locale=browser_locale), locale)
    begin(one)
    form(one)
    condition(one)
    tried(one)
    step(one)
    settings(one)
    branch(one)
    propose(one)
    two = Journey(sit(OTHER, locale=browser_locale), locale)
    approve(two)
    as_drawn(city)
    runs(city, clock)


def begin(one: Journey) -> None:
    """From the process to its forms."""
    one.desk.open(f"/definitions/{KEY}/1")
    one.picture("version")
    one.press("编辑表单", "Edit the forms")
    one.page.get_by_label(one.say("中文名称", "Name in Chinese")).fill("安全审核")
    one.page.get_by_label(one.say("英文名称", "Name in English")).fill("Safety review")
    one.press("建立", "Make it")


def add(one: Journey, kind: str, zh: str, en: str) -> None:
    """A field of a kind."""
    with one.page.expect_navigation():
        one.page.get_by_role("link", name=one.say("增加栏目", "Add a field")).click()
    one.page.locator(f".form-kind input[value={kind}]").check()
    one.page.get_by_label(one.say("中文名称", "Label in Chinese")).fill(zh)
    one.page.get_by_label(one.say("英文名称", "Label in English")).fill(en)
    one.press("增加", "Add", "form.form-adding")


def form(one: Journey) -> None:
    """Its fields: an opinion, grounds."""
    page = one.page
    with page.expect_navigation():
        page.get_by_role("link", name=one.say("增加栏目", "Add a field")).click()
    page.locator(".form-kind input[value=fact]").check()
    page.locator("#e-fact").select_option("title")
    one.press("增加", "Add", "form.form-adding")
    add(one, "choice", "安全意见", "Safety opinion")
    for number, words in enumerate((("同意", "Agreed", "agree"), ("不同意", "Not agreed", "refuse"))):
        for part, text in zip(("zh", "en", "value"), words, strict=True):
            page.locator(f"[name='option.{number}.{part}']").fill(text)
    page.locator("[name=required]").check()
    one.show(".form-panel .form-foot")
    one.picture("field")
    one.press("保存", "Save", ".form-panel form.form-wide")
    add(one, "textarea", "理由", "Grounds")


def condition(one: Journey) -> None:
    """Grounds are asked for where somebody does not agree."""
    page = one.page
    with page.expect_navigation():
        page.locator("#e-on").select_option("safety_opinion")
    page.get_by_label(one.say("不同意", "Not agreed"), exact=True).check()
    page.get_by_label(one.say("显示时必须填写", "Must be filled in when it is shown")).check()
    one.show(".form-panel")
    one.picture("condition")
    one.press("增加条件", "Add the condition")


def tried(one: Journey) -> None:
    """Filled in as somebody would."""
    page = one.page
    one.press("预览和试填", "Preview and try")
    page.get_by_label(one.say("不同意", "Not agreed"), exact=True).check()
    page.get_by_label(one.say("理由", "Grounds"), exact=True).fill("围挡高度不足")
    one.press("试着提交", "Try it")
    one.picture("try")
    with page.expect_navigation():
        page.locator(".crumbs a").nth(1).click()
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()


def step(one: Journey) -> None:
    """Room is made, a task is put down on the flow and gets its name."""
    page = one.page
    near(page, 2640, 140, 0.75)
    make_room(page, 2412, 290, 380)
    drag(page, (2475 + 380, 196), (2475, 236))  # the end of what was withdrawn goes back, out of the way
    one.gate = put_on(page, "create.exclusive-gateway", 2475 + 380, 210)
    shape(page, one.gate).dblclick()
    named(page, "安全？")
    put_on(page, "create.task", 2680, 210)
    named(page, "安全审核")
    kept(one)
    one.picture("step")


def named(page: Page, name: str) -> None:
    """What was just put down, or clicked twice, waits for its name."""
    page.locator(".djs-direct-editing-content").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".djs-direct-editing-content")).to_have_count(0)


def kept(one: Journey) -> None:
    """All that was drawn is in the draft."""
    said = one.say("草稿已保存|没有未保存的修改", "Draft saved|Nothing is left to save")
    expect(one.page.locator(".designer-said")).to_have_text(re.compile(said))


def settings(one: Journey) -> None:
    """Form, who works on it, limit and escalation."""
    page = one.page
    open_group(page, "general")
    entry(page, "id").fill("SafetyReview")
    open_group(page, "general")
    task = "bpmn:UserTask-{}-0"
    open_group(page, task.format("Names"))
    entry(page, "ld-bpmn-UserTask-Names-en-0").fill("Safety review")
    open_group(page, task.format("Names"))
    open_group(page, task.format("FourEyes"))
    entry(page, "ld-bpmn-UserTask-FourEyes-with-0").select_option("MunicipalReview")
    open_group(page, task.format("FourEyes"))
    open_group(page, task.format("Form"))
    entry(page, "ld-bpmn-UserTask-Form-ref-0").select_option("safety_review")
    open_group(page, task.format("Candidates"))
    entry(page, "ld-bpmn-UserTask-Candidates-unit-0").select_option("city_management_bureau")
    entry(page, "ld-bpmn-UserTask-Candidates-post-0").select_option("unit_head")
    one.picture("who")
    open_group(page, task.format("Form"))
    open_group(page, task.format("Candidates"))
    open_group(page, task.format("Clock"))
    clock = "ld-bpmn-UserTask-Clock-{}-0"
    for name, text in (
        ("id", "safety"),
        ("budget", "2"),
        ("name", "安全审核时限"),
        ("nameEn", "Time of the safety review"),
    ):
        entry(page, clock.format(name)).fill(text)
    entry(page, clock.format("unit")).select_option("work_day")
    entry(page, clock.format("warn")).fill("0.25")
    entry(page, clock.format("breach")).select_option("clock_breached")
    entry(page, clock.format("remind")).check()
    entry(page, clock.format("breach")).scroll_into_view_if_needed()
    kept(one)
    one.picture("clock")


def branch(one: Journey) -> None:
    """Who does not agree sends it to the refusal."""
    page = one.page
    join(page, one.gate, "DeliverRefusal")
    open_group(page, "ld-condition-group")
    group = page.locator("[data-group-id=group-ld-condition-group]")
    group.get_by_role("button", name=one.say("添加条件", "Add a condition")).click()
    part = one.say("第 1 项：{}", "{} of condition 1")
    group.get_by_label(part.format(one.say("数据", "fact"))).select_option("safety_opinion")
    group.get_by_label(part.format(one.say("值", "value"))).select_option("refuse")
    said = one.say("当“安全意见”是“不同意”", "When “Safety opinion” is “Not agreed”")
    expect(group.locator(".condition-words")).to_have_text(said)
    kept(one)
    one.picture("branch")
    page.mouse.click(*at(page, 2475 + 440, 210))  # on the flow onward
    become(page, "replace-with-default-flow")
    shape(page, one.gate).click()
    open_group(page, "bpmn:ExclusiveGateway-Names-0")
    entry(page, "ld-bpmn-ExclusiveGateway-Names-en-0").fill("Safe?")
    page.locator("[data-act=check]").click()
    passed = one.say("检查通过", "Nothing is wrong")
    expect(page.locator(".designer-said")).to_have_text(passed, timeout=20_000)  # the server reads the whole process


def propose(one: Journey) -> None:
    """To the other designer."""
    page = one.page
    with page.expect_navigation(url=re.compile("/propose$")):
        page.locator("[data-act=propose]").click()
    expect(page.locator(".diagram .is-added").first).to_be_visible()
    page.locator("#p-note").fill("增加安全审核：两个工作日，超时督办")
    page.evaluate("window.scrollTo(0, 120)")
    one.picture("propose")
    one.press("提交", "Propose", "form.form-aside")


def approve(two: Journey) -> None:
    """The second person looks at what differs, and approves."""
    two.desk.open("/definitions/proposals/1")
    expect(two.page.locator(".diagram .is-added").first).to_be_visible()
    two.page.locator("#r-said, [name=said]").first.fill("同意")
    two.show(".diagram")
    two.picture("approve")
    two.press("批准", "Approve")
    two.desk.says(two.say("第 2 版", "version 2"))


def as_drawn(city: City) -> None:
    """The new version has the step as it was set."""
    found = city.definition(KEY)
    assert found.version == 2
    node = found.model.nodes["SafetyReview"]
    assert node.settings.form == "safety_review"
    assert [(clock.id, clock.breach) for clock in node.settings.clocks] == [("safety", "clock_breached")]
    assert "safety_review" in found.forms


def runs(city: City, clock: ManualClock) -> None:
    """A permit goes its way through it; one that is left too long is supervised."""
    case = permits.accepted(city)
    permits.reviewed(city, case)
    assert permits.nodes(city, case) == ["SafetyReview"]
    city.complete(task_at(city, case, "SafetyReview"), {"safety_opinion": "agree"}, HEAD)
    city.run_due()
    assert permits.nodes(city, case) == ["Issue"]
    other = permits.accepted(city)
    permits.reviewed(city, other)
    clock.advance(timedelta(days=14))
    city.run_due()
    with city.core.db.read() as connection:
        supervised = connection.execute(select(instance.c.id).where(instance.c.key == "supervision")).all()
    assert supervised
    city.complete(task_at(city, other, "SafetyReview"), {"safety_opinion": "refuse", "grounds": "围挡不足"}, HEAD)
    city.run_due()
    assert "DeliverRefusal" in permits.nodes(city, other)
