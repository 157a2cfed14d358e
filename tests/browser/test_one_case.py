"""One case from report to closure, as seven people at their own browsers; nobody sees the machinery."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import NewPage, Sit, open_site, seats
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.conftest import MakeDatabase
from tests.factories import ACCEPTOR, COLLECTOR, DISPATCHER, HANDLER, LEADER, OTHER_COLLECTOR, OTHER_LEADER

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City

# ruff: noqa: PLC0415

TITLE = "章华中路公交站旁上水井盖缺失"
BEFORE, AFTER = "现场.jpg", "处置后.jpg"
HERE = {"latitude": 30.4213, "longitude": 112.8994}


def attach(desk: Desk, field: str, name: str) -> None:
    """Choose a photo; what was chosen is shown small."""
    from web.demo.pictures import scene

    photo = FilePayload(name=name, mimeType="image/jpeg", buffer=scene("C-01", mended=name == AFTER, variant=0))
    desk.page.locator(f"input[name={field}]").set_input_files([photo])
    expect(desk.page.get_by_alt_text(name)).to_be_visible()


def take_from_inbox(desk: Desk, picture: str | None = None) -> None:
    """Claim it: the task is open and theirs."""
    desk.open("/inbox?tab=unit", picture)
    desk.press(f"领取 {TITLE}", desk.row(TITLE))


def see(desk: Desk, address: str, now: str | None, picture: str | None = None) -> None:
    """The case's page: the diagram marks the step that is open, and the list beside it says the same in words."""
    desk.page.goto(address)
    expect(desk.page.locator(".diagram svg").first).to_be_visible()
    desk.look(picture)
    active = desk.page.locator(".diagram .is-active")
    if now is None:
        expect(active).to_have_count(0)
    else:
        expect(active).to_have_count(1)
        expect(desk.page.locator(".steps .now")).to_contain_text(now)


def also_collector(city: City, login: str) -> None:
    """Give somebody one more post."""
    from engine.tables import membership

    with city.core.db.write() as connection:
        unit = {held.unit_id for held in city.actor(COLLECTOR).posts}.pop()
        connection.execute(
            membership.insert().values(person_id=city.actor(login).id, unit_id=unit, post_key="collector")
        )


def test_a_case_goes_from_a_phone_in_the_street_to_closure(sit: Sit, city: City) -> None:
    also_collector(city, HANDLER)
    acceptor = sit(ACCEPTOR, form=True, phone=True, geolocation=HERE, permissions=["geolocation"])
    address = report(acceptor)
    case = int(address.rpartition("/")[2])
    row = city.instance(case)
    assert (row["lat"], row["lon"]) == (HERE["latitude"], HERE["longitude"])
    see(acceptor, address, "核实")
    expect(acceptor.page.get_by_role("img", name="照片 1").first).to_be_visible()

    city.advance(timedelta(minutes=12))
    verify(sit(COLLECTOR, phone=True))
    leader = sit(LEADER)
    file(leader)
    see(leader, address, "派遣", "one-case-6-filed")
    leader.says("上水井盖")
    dispatcher = sit(DISPATCHER)
    dispatch(dispatcher)

    city.advance(timedelta(minutes=20))
    handler = sit(HANDLER, phone=True)
    handle(handler, city)
    read_the_report(dispatcher)

    # The handler cannot check it, although they are a collector, too.
    (check,) = city.tasks(case)
    handler.open(f"/tasks/{check.ref}", "one-case-9-four-eyes-phone")
    handler.says("四眼原则")
    expect(handler.page.locator("form.form")).to_have_count(0)
    expect(handler.page.get_by_role("button", name="领取")).to_have_count(0)
    check_it(sit(OTHER_COLLECTOR, phone=True))

    take_from_inbox(leader)
    leader.submit()
    assert city.instance(case)["status"] == "completed"
    see(leader, address, None, "one-case-10-closed")
    for done in ("结案", "核查", "反馈", "处置", "签收", "派遣", "立案", "核实"):
        expect(leader.page.locator(".timeline")).to_contain_text(done)
    expect(leader.page.locator(".diagram .visits").first).to_be_visible()
    expect(leader.page.locator(".clocks").first).to_contain_text("案件时限")
    leader.press("办理单", picture="one-case-11-sheet")
    for text in (TITLE, row["number"], "已更换井盖并恢复路面。", "李建国"):
        expect(leader.page.locator(".sheet")).to_contain_text(text)
    see(acceptor, address, None, "one-case-12-closed-phone")


def report(acceptor: Desk) -> str:
    """A call to 12345, taken down at the spot with a phone; answers the address of the case."""
    acceptor.log_in()
    acceptor.press("发现上报", acceptor.page.locator("main"))
    page = acceptor.page
    page.get_by_label("来源").select_option(label="12345 热线")
    page.get_by_label("问题简述").fill(TITLE)
    page.get_by_label("所在街镇、社区").select_option("zhanghua")
    page.get_by_label("具体位置").fill("章华中路 12 号公交站旁")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.get_by_text("已记录位置")).to_be_visible()
    attach(acceptor, "photos", BEFORE)
    page.get_by_label("来件人").fill("王女士")
    page.get_by_label("联系电话").fill("13800138000")
    acceptor.look("one-case-1-report-phone")
    acceptor.submit("one-case-2-reported-phone")
    acceptor.says("已提交")
    acceptor.says(TITLE)
    return acceptor.path


def verify(collector: Desk) -> None:
    """A collector looks at it."""
    take_from_inbox(collector, "one-case-3-inbox-phone")
    expect(collector.page.locator("main")).not_to_contain_text("13800138000")  # the caller's number is for intake alone
    collector.choose("核实结果", "属实")
    collector.page.get_by_label("现场情况").fill("井盖缺失，已设临时围挡。")
    collector.submit("one-case-4-verified-phone")
    collector.says("“核实”已提交")


def file(leader: Desk) -> None:
    """The shift leader files it under a condition of the standard, found by typing some of its words."""
    take_from_inbox(leader)
    conditions = leader.page.locator("#f-standard_code")
    leader.page.locator("input[aria-controls=f-standard_code]").fill("上水井盖 缺失")
    expect(conditions.locator("option")).to_have_count(1)
    conditions.select_option("C-0101-1")
    leader.look("one-case-5-filing")
    leader.submit()


def dispatch(dispatcher: Desk) -> None:
    """The dispatcher is proposed a unit, and sends it there."""
    take_from_inbox(dispatcher)
    expect(dispatcher.page.locator("#f-responsible_unit")).to_have_value("water_supply")
    dispatcher.look("one-case-7-dispatching")
    dispatcher.submit()


def handle(handler: Desk, city: City) -> None:
    """The unit signs for it and mends it."""
    take_from_inbox(handler)
    handler.choose("处理意见", "签收")
    handler.submit()
    city.advance(timedelta(minutes=85))
    take_from_inbox(handler)
    handler.choose("处置结果", "处置完毕")
    handler.page.get_by_label("处置情况").fill("已更换井盖并恢复路面。")
    attach(handler, "handle_photos", AFTER)
    handler.look("one-case-8-handling-phone")
    handler.submit()


def read_the_report(dispatcher: Desk) -> None:
    take_from_inbox(dispatcher)
    expect(dispatcher.page.get_by_role("img", name="照片 1").first).to_be_visible()
    dispatcher.says("已更换井盖并恢复路面。")
    dispatcher.choose("处理意见", "转核查")
    dispatcher.submit()


def check_it(collector: Desk) -> None:
    """Somebody who did not handle it."""
    take_from_inbox(collector)
    collector.choose("核查结果", "通过")
    collector.page.get_by_label("现场情况").fill("井盖完好。")
    collector.submit()


def test_a_case_on_postgresql(
    make_database: MakeDatabase,
    clock: ManualClock,
    password_hash: str,
    new_page: NewPage,
    accessible: Accessible,
    screenshot: Screenshot,
) -> None:
    """The short way: solved on the spot by the collector, filed and closed in one act."""
    from web.wiring import open_city

    with (
        closing(open_city(make_database("postgresql", "city"), clock)) as city,
        open_site(city, password_hash) as site,
    ):
        sit = seats(site, city, new_page, accessible, screenshot)
        collector = sit(COLLECTOR, phone=True)
        page = collector.open("/report")
        page.get_by_label("问题简述").fill(TITLE)
        page.get_by_label("所在街镇、社区").select_option("zhanghua")
        page.get_by_label("具体位置").fill("章华中路 12 号")
        attach(collector, "photos", BEFORE)
        page.get_by_label("已当场自行处置").check()
        page.get_by_label("自行处置情况").fill("已扶正隔离栏")
        collector.submit()
        address = collector.path
        leader = sit(OTHER_LEADER)
        take_from_inbox(leader)
        leader.choose("处理意见", "自行处置，直接结案")
        leader.page.locator("#f-standard_code").select_option("C-0101-1")
        leader.submit()
        see(leader, address, None, "one-case-postgresql")
        leader.says("已结案")
        page.reload()
        collector.says("已结案")
