"""城管通: somebody in the street with a phone, with and without a connection."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.factories import COLLECTOR, HANDLER, case_at, only_task
from tests.web.test_street import repaired
from web.city import City

HERE = {"geolocation": {"latitude": 30.4062, "longitude": 112.8946}, "permissions": ["geolocation"]}


def photo() -> bytes:
    """A photo as a phone would make it."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def ready(page: Page) -> None:
    """Until the service worker holds the pages."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_report_in_a_few_taps_and_check_without_a_connection(city: City, sit: Sit) -> None:
    case = case_at(city, "Check")
    ref = only_task(city, case).ref
    desk = sit(COLLECTOR, phone=True, **HERE)
    page = desk.page
    desk.open("/street/", "street-home")
    # what puts it on the home screen is read under the page's own policy
    manifest = page.locator("link[rel=manifest]").get_attribute("href")
    policy = page.goto("/street/").headers["content-security-policy"]  # type: ignore[union-attr]
    assert "manifest-src 'self'" in policy
    assert page.request.get(str(manifest)).json()["start_url"] == "/street/"
    page.get_by_role("link", name="上报问题").click()

    # a report: the place comes from the phone, the problem from a button
    page.locator("input[name=photos]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name="井盖缺失").click()
    expect(page.get_by_label("所在街镇、社区")).to_have_value("zhanghua")
    page.get_by_label("在哪里").fill("章华中路 12 号")
    desk.look("street-report")
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("已上报，编号")).to_be_visible()

    # a task is opened once with a connection, written and handed in without one
    desk.open("/street/")
    ready(page)
    page.reload()
    page.goto(f"/street/tasks/{ref}")
    desk.look("street-task")
    page.context.set_offline(True)
    page.get_by_label("通过", exact=True).check()
    page.get_by_label("现场情况").fill("已换新井盖")
    page.wait_for_timeout(600)
    page.reload()  # the phone was switched off and on
    expect(page.get_by_text("已恢复没写完的内容")).to_be_visible()
    expect(page.get_by_label("现场情况")).to_have_value("已换新井盖")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("等待发送")).to_be_visible()
    expect(page.get_by_text("没有网络：已存在手机里")).to_be_visible()
    desk._screenshot(page, "street-offline")
    assert only_task(city, case).node == "Check"

    page.context.set_offline(False)
    expect(page.get_by_text("等待发送")).to_be_hidden()
    assert only_task(city, case).node == "Close"
    kinds = [h["kind"] for h in city.trail(case) if h["task_id"] == int(ref.partition(".")[2])]
    assert kinds.count("completed") == 1


def test_a_signature_is_drawn_on_the_phone_and_never_kept_in_a_draft(city: City, sit: Sit) -> None:
    case = repaired(city, '<ld:signature ask="required"/>')
    ref = only_task(city, case).ref
    desk = sit(HANDLER, phone=True)
    page = desk.page
    desk.open("/street/")
    ready(page)
    page.goto(f"/street/tasks/{ref}")

    def draw() -> None:
        pad = page.get_by_label("签名板")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 70, steps=5)
        page.mouse.up()

    page.locator("input[name=photos]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_label("结果").fill("已修复")
    draw()
    desk.look("street-signature")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.get_by_label("结果")).to_have_value("已修复")
    expect(page.locator("input[name=_drawn]")).to_have_value("")  # nobody signs with what they do not see
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("须签名")).to_be_visible()
    draw()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已提交")).to_be_visible()
    told = next(h["data"] for h in city.trail(case) if h["kind"] == "completed")
    assert told["signature"]["how"] == "drawn"
