"""A designer lets running permits go on by a new version: pairs nodes by clicking, tries it; another approves it, both see it done."""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from playwright.sync_api import expect

from engine.migrating import plans, working
from tests.browser.conftest import Sit
from tests.changing import KEY, OTHER, deploy, permits_at_work, shipped, without_traffic
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.desk import Desk
    from web.city import City

OLD, NEW = ".pairing > div:nth-child(1)", ".pairing > div:nth-child(2)"


def click(page: Page, side: str, node: str) -> None:
    """A node of one of the drawings, as by its middle."""
    shape = page.locator(f"{side} [data-element-id={node}]").first
    expect(shape).to_be_visible()
    shape.locator(".djs-hit").first.dispatch_event("click")


def tried(city: City, plan: int) -> None:
    """A worker finishes what the request began."""
    deadline = time.monotonic() + 60
    while plans.get(city.core, plan).state == "trying" and time.monotonic() < deadline:
        working.run_due(city.core)


def test_running_permits_are_migrated_by_clicking(city: City, sit: Sit) -> None:
    permits_at_work(city, 10)
    deploy(city, without_traffic())
    designer, other = sit(DESIGNER), sit(OTHER)
    for desk in (designer, other):
        desk.page.set_viewport_size({"width": 1280, "height": 900})
    designer.open(f"/definitions/{KEY}/versions", "migrate-versions")
    designer.press("迁移在办案件 第 1 版")
    pair_up(designer)
    designer.press("试算")
    made = plans.listing(city.core, KEY)[0]
    tried(city, made.id)
    designer.open(f"/definitions/migrations/{made.id}", "migrate-tried")
    designer.says("没有案件被改动")
    designer.says("“交警审查”在新版中没有对应的节点")
    assert plans.get(city.core, made.id).counts == {"fits": 6, "refused": 4}
    with designer.page.expect_download() as sheet:
        designer.page.get_by_role("link", name="下载 Excel").click()
    book = load_workbook(io.BytesIO(sheet.value.path().read_bytes()))
    rows = [row for row in book.worksheets[0].values if row[2] in ("可以迁移", "不能迁移")]
    assert len(rows) == 10
    designer.page.get_by_label("为什么迁移").fill("交警改为会前征求意见，在办的一并按新版")
    designer.press("提交", designer.page.locator("form.form-aside"))
    designer.says("须由另一位流程设计员批准")
    other.open(f"/definitions/migrations/{made.id}", "migrate-review")
    other.page.get_by_label("意见").fill("同意")
    other.press("批准并开始", other.page.locator("form.form-aside"))
    while working.run_due(city.core):
        pass
    other.open(f"/definitions/migrations/{made.id}", "migrate-done")
    other.says("已完成")
    assert plans.get(city.core, made.id).counts == {"moved": 6, "stayed": 4}


def pair_up(designer: Desk) -> None:
    """What has no counterpart stands out; two clicks say what a node becomes, and what cannot be is refused in words."""
    page, said = designer.page, designer.page.locator("#pairing-said")
    expect(page.locator(f"{OLD} .is-unpaired")).to_have_count(2, timeout=20_000)
    designer.look("migrate-ask")
    choice = page.locator("select[data-node=MunicipalReview]")
    expect(choice).to_have_value("")
    click(page, OLD, "MunicipalReview")
    expect(said).to_contain_text("已选“市政审查”")
    click(page, NEW, "BothReviewed")
    expect(said).to_contain_text("不能对应")
    designer.look("migrate-clicking")
    click(page, NEW, "MunicipalExamination")
    expect(choice).to_have_value("MunicipalExamination")
    click(page, OLD, "Decide")
    click(page, NEW, "Decide")
    expect(said).to_contain_text("现在没有对应")
    click(page, OLD, "Decide")
    click(page, NEW, "Decide")
    expect(page.locator("select[data-node=Decide]")).to_have_value("Decide")


def test_the_pages_in_english_and_on_a_phone(city: City, sit: Sit) -> None:
    permits_at_work(city, 5)
    deploy(city, without_traffic())
    designer = sit(DESIGNER)
    designer.page.set_viewport_size({"width": 390, "height": 844})
    designer.open(f"/definitions/{KEY}/migrate", "migrate-ask-narrow")
    designer.page.get_by_text("两版相同的节点").click()
    designer.page.get_by_label("“许可决定”对应").select_option("")
    expect(designer.page.locator(f"{OLD} .is-unpaired")).to_have_count(3, timeout=20_000)
    designer.press("试算")
    made = plans.listing(city.core, KEY)[0]
    tried(city, made.id)
    designer.open(f"/definitions/migrations/{made.id}", "migrate-tried-narrow")
    english = sit(OTHER, locale="en-GB")
    english.page.set_viewport_size({"width": 1280, "height": 900})
    english.open(f"/definitions/{KEY}/migrate?from=1&to=2", "migrate-ask-english")
    english.open(f"/definitions/migrations/{made.id}", "migrate-tried-english")
    main = english.page.locator("main").inner_text()
    assert not re.search("[会将没有不能]", main)


def limit_renamed() -> bytes:
    """The permit with the limit of the municipal review under another id, name and budget: nothing says that it is the same."""
    diagram = shipped().decode()
    new = '<ld:clock id="examination" name="市政核验时限" nameEn="Municipal examination" budget="6"'
    return re.sub(r'<ld:clock id="municipal"[^>]*?budget="[^"]*"', new, diagram).encode()


def test_limits_by_clicking_for_some_cases_and_who_is_told(city: City, sit: Sit) -> None:
    permits_at_work(city, 10)
    deploy(city, limit_renamed())
    designer = sit(DESIGNER)
    designer.page.set_viewport_size({"width": 1280, "height": 900})
    designer.open(f"/definitions/{KEY}/migrate?from=1&to=2")
    row = designer.page.locator("tr[data-clock=municipal]")
    expect(row.locator("input:checked")).to_have_value("")
    row.scroll_into_view_if_needed()
    designer.look("migrate-limits")
    row.get_by_text("市政核验时限").click()
    expect(row.locator("input:checked")).to_have_value("examination")
    chosen = designer.page.locator("select[data-node=MunicipalReview]")
    chosen.select_option("")  # nothing stands for its step, nothing for its limit
    expect(row.locator("input:checked")).to_have_value("")
    chosen.select_option("MunicipalReview")
    row.get_by_text("市政核验时限").click()
    designer.page.get_by_text("只迁移一部分案件").click()
    designer.page.get_by_label("停在哪个环节").select_option("MunicipalReview")
    designer.look("migrate-some")
    designer.press("试算")
    made = plans.listing(city.core, KEY)[0]
    tried(city, made.id)
    designer.open(f"/definitions/migrations/{made.id}", "migrate-some-tried")
    designer.says("不在方案内，留在原版")
    assert plans.get(city.core, made.id).counts == {"fits": 4}
    designer.page.get_by_label("为什么迁移").fill("市政审查改为核验，时限名称随改")
    designer.press("提交", designer.page.locator("form.form-aside"))
    other = sit(OTHER, locale="en-GB")
    other.page.set_viewport_size({"width": 390, "height": 844})
    other.open("/notices", "migrate-told-english-narrow")
    other.page.get_by_role("button", name="asks you to approve that running cases").click()
    expect(other.page).to_have_url(re.compile(f"/definitions/migrations/{made.id}$"))
    other.look("migrate-review-english-narrow")
    assert not re.search(
        "[会将没有不能]", other.page.locator("main").inner_text().replace("市政审查改为核验，时限名称随改", "")
    )
    other.open(f"/definitions/{KEY}/migrate?from=1&to=2&again={made.id}", "migrate-again-english-narrow")
    other.open(f"/definitions/migrations/{made.id}")
    other.press("Approve and begin", other.page.locator("form.form-aside"))
    while working.run_due(city.core):
        pass
    assert plans.get(city.core, made.id).counts == {"moved": 4}
    designer.open("/notices", "migrate-told")
    designer.says("迁移方案已执行完毕")
