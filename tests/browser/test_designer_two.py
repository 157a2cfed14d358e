"""Two designers: one draws, both are told of each other, the other compares and approves; and a former version comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from engine import definitions, drafts
from tests.browser.conftest import Sit
from tests.browser.designing import kept
from tests.browser.test_designer import rename
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.desk import Desk
    from web.city import City

OTHER = "fangzhiyuan"
KEY, TASK = "supervision", "Archive"


def opened(page: Page) -> None:
    expect(page.locator(f"[data-element-id={TASK}]").first).to_be_visible()


def collide(designer: Desk, other: Desk) -> None:
    """Both draw: the later one is told, and may look at both."""
    page, theirs = designer.page, other.page
    page.locator(f"[data-element-id={TASK}] .djs-hit").first.click()
    rename(page, TASK, "归档备查一")
    kept(page)
    rename(theirs, TASK, "归档备查二")
    expect(theirs.locator(".designer-collided")).to_contain_text("两份都在")
    other.look("designer-collided")
    kept(theirs)
    with theirs.expect_navigation():
        theirs.get_by_role("link", name="比较两份").click()
    expect(theirs.locator(".diagram .is-changed").first).to_be_visible()
    other.look("designer-compare-drafts")
    other.says("归档备查二")
    other.open("/definitions/drafts/2/discard", "designer-discard")
    other.press("放弃草稿", theirs.locator("main form"))


def publish_by_two(designer: Desk, other: Desk, city: City) -> None:
    """Proposed, looked at, approved."""
    page, theirs = designer.page, other.page
    with page.expect_navigation(url=re.compile("/propose$")):
        page.locator("[data-act=propose]").click()
    expect(page.locator(".diagram .is-changed").first).to_be_visible()
    designer.look("designer-propose")
    page.get_by_label("这一版改了什么").fill("归档环节改名")
    designer.press("提交", page.locator("form.form-aside"), "designer-proposed")
    designer.says("须由另一位流程设计员批准")
    assert city.definition(KEY).version == 1
    other.open("/definitions")
    with theirs.expect_navigation():
        theirs.get_by_role("link", name="督办 申请 1").click()
    expect(theirs.locator(".diagram .is-changed").first).to_be_visible()
    other.look("designer-proposal")
    other.says("归档备查一")
    theirs.get_by_label("意见").fill("同意")
    other.press("批准", picture="designer-approved")
    other.says("第 2 版已发布")
    assert city.definition(KEY).model.nodes[TASK].names.zh == "归档备查一"


def bring_back(designer: Desk, other: Desk) -> None:
    """The former version is the newest again."""
    page, theirs = designer.page, other.page
    other.open(f"/definitions/{KEY}/versions", "designer-versions")
    other.press("恢复此版 第 1 版")
    theirs.get_by_label("为什么恢复").fill("基层不习惯新名称")
    other.press("提交", theirs.locator("form.form-aside"), "designer-again")
    page.goto(theirs.url)
    designer.press("批准")
    designer.says("第 3 版已发布")


def test_a_version_by_two_and_back_again(sit: Sit, city: City) -> None:
    first = definitions.files_of(city.core, city.definition(KEY).id)
    designer, other = sit(DESIGNER), sit(OTHER)
    page = designer.open(f"/definitions/{KEY}/edit")
    opened(page)
    rename(page, TASK, "归档备查")
    kept(page)
    expect(page).to_have_url(re.compile(r"/definitions/drafts/\d+$"))
    page.reload()
    expect(page.locator(f"[data-element-id={TASK}]").first).to_contain_text("归档")
    # The other one comes to the same draft, and both are told.
    theirs = other.open("/definitions", "designer-drafts")
    other.says("许光明")
    with theirs.expect_navigation():
        theirs.get_by_role("link", name="督办 草稿 1").click()
    opened(theirs)
    expect(theirs.locator(".designer-others")).to_contain_text("许光明也打开了此草稿")
    page.reload()
    opened(page)
    expect(page.locator(".designer-others")).to_contain_text("方志远也打开了此草稿")
    designer.look("designer-two")
    collide(designer, other)
    publish_by_two(designer, other, city)
    bring_back(designer, other)
    assert definitions.files_of(city.core, city.definition(KEY).id) == first
    designer.open(f"/definitions/{KEY}/versions", "designer-versions-after")


def test_what_was_removed_is_drawn_where_it_was(sit: Sit, city: City) -> None:
    reader = sit(DESIGNER, locale="en-GB")
    page = reader.open("/definitions/supervision/edit")
    opened(page)
    page.locator(f"[data-element-id={TASK}] .djs-hit").first.click()
    page.keyboard.press("Delete")
    expect(page.locator(f"[data-element-id={TASK}]")).to_have_count(0)
    expect(page.locator(".designer-said")).to_have_text(re.compile("Draft saved"))
    page.goto("/definitions/supervision/compare?from=1&to=draft-1")
    expect(page.locator(".diagram .is-removed").first).to_be_visible()
    reader.look("designer-removed-en")
    reader.says("removed")


def test_where_the_process_itself_changed_the_drawing_is_shown_on_a_phone(sit: Sit, city: City) -> None:
    """It is marked first, and is drawn nowhere: one looks at the next."""
    core, key = city.core, "excavation_permit"
    files = definitions.files_of(core, city.definition(key).id)
    name = f"{key}.bpmn"
    odd = re.sub(rb'(<bpmn:process id="excavation_permit" name=")', rb"\1A", files[name], count=1)
    assert odd != files[name]
    made = drafts.begin(core, key, {**files, name: odd}, DESIGNER, base=1)
    page = sit(DESIGNER, phone=True).open(f"/definitions/{key}/compare?from=1&to=draft-{made.id}")
    expect(page.locator(".diagram .djs-shape").first).to_be_attached()
    expect(page.locator(".diagram-failed")).to_have_count(0)
