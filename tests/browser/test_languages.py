"""Chinese and English in a browser: pages that a script draws are wholly in one of them, but for what people wrote and what they are
called; all pages as the server sends them: tests/web/test_wholly_english.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.factories import COLLECTOR, DESIGNER, DISPATCHER, case_at, task_at

if TYPE_CHECKING:
    from web.city import City

TITLE = "Manhole cover missing"
# ruff: noqa: PLC0415

CHINESE = re.compile(r"[\u3400-\u9fff]+")

WORDS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.parentElement.closest('[lang="zh-CN"], script, style')) found.push(node.data);
  }
  for (const element of document.querySelectorAll('*')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-pick', 'data-narrow']) {
      if (element.hasAttribute(name)) found.push(element.getAttribute(name));
    }
  }
  found.push(document.title);
  return found;
}"""


def chinese(page: Page, known: set[str]) -> set[str]:
    """The Chinese words of a page that are nobody's name."""
    found = set()
    names = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
    for text in page.evaluate(WORDS):
        found.update(CHINESE.findall(names.sub("", text)))
    return found


@pytest.fixture
def english(city: City) -> tuple[int, set[str]]:
    """A case whose data are English, and the names of all people."""
    from sqlalchemy import select

    from engine.tables import person

    case = case_at(city, "Feedback", title=TITLE, place="12 Zhanghua Road", source="hotline_12345")
    with city.core.db.read() as connection:
        names = set(connection.execute(select(person.c.name)).scalars())
    return case, names


def test_pages_that_a_script_draws_are_wholly_english(sit: Sit, city: City, english: tuple[int, set[str]]) -> None:
    case, names = english
    ref = task_at(city, case, "Feedback").ref
    known = names | {"已更换井盖", "恢复", "随产品提供"}  # what people wrote, and the standard's own words
    left: dict[str, set[str]] = {}
    for login, addresses in {
        DISPATCHER: (f"/tasks/{ref}", f"/cases/{case}"),
        COLLECTOR: ("/report",),
        DESIGNER: ("/definitions/case_dispatch",),
    }.items():
        desk = sit(login, locale="en-GB")
        for address in addresses:
            desk.page.goto(address)
            if desk.page.locator("[data-island=diagram]").count():
                expect(desk.page.locator(".diagram svg").first).to_be_visible()
            desk.look(f"english-{login}-{re.sub(r'[0-9./]+', '-', address).strip('-') or 'home'}")
            expect(desk.page.locator("html")).to_have_attribute("lang", "en")
            if found := chinese(desk.page, known):
                left[address] = found
    assert not left, left


def test_the_language_is_switched_in_the_page_and_remembered(sit: Sit, english: tuple[int, set[str]]) -> None:
    desk = sit(COLLECTOR)
    desk.open("/inbox?tab=unit&sort=opened")
    desk.press("English")
    expect(desk.page).to_have_url(re.compile(r"/inbox\?tab=unit&sort=opened$"))
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    again = sit(COLLECTOR, form=True, locale="zh-CN")
    again.log_in()
    expect(again.page.get_by_role("button", name="中文")).to_be_visible()
    again.press("中文")
    expect(again.page.get_by_role("button", name="English")).to_be_visible()
