"""What tests at the editor share: waiting for the draft, and publishing it where one person is enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from engine import settings

if TYPE_CHECKING:
    from tests.browser.desk import Desk
    from web.city import City

KEPT = re.compile("草稿已保存|没有未保存的修改|Draft saved|Nothing is left to save")


def kept(page: Page) -> None:
    """All that was drawn is in the draft."""
    expect(page.locator(".designer-said")).to_have_text(KEPT)


def publish(desk: Desk, city: City, note: str = "改好了", picture: str | None = None) -> None:
    """From the editor to a version, with nobody else asked."""
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "publish_second_person", False)
    page = desk.page
    with page.expect_navigation(url=re.compile("/propose$")):
        page.locator("[data-act=propose]").click()
    desk.look(picture)
    page.get_by_label("这一版改了什么").fill(note)
    desk.press("发布", page.locator("form.form-aside"))
    desk.says("已发布")
