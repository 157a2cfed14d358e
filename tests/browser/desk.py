"""Somebody of the city at a browser. Every page they come to is checked: axe, and that nothing lies beside the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response, expect

Accessible = Callable[[Page], None]
Screenshot = Callable[[Page, str], Path]

PASSWORD = "horse-under-the-table"

# axe sees each kind of page once a session, and every page that is pictured.
_looked_at: set[tuple[object, ...]] = set()


class Desk:
    """A person's browser: opens pages, fills forms by their labels, presses buttons by their words."""

    def __init__(self, page: Page, login: str, accessible: Accessible, screenshot: Screenshot) -> None:
        self.page = page
        self.login = login
        self._accessible = accessible
        self._screenshot = screenshot

    def log_in(self) -> None:
        """By the form, as people do."""
        self.open("/login")
        self.page.get_by_label("用户名").fill(self.login)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.press("登录")
        assert self.path == "/", self.page.url

    def open(self, path: str, picture: str | None = None) -> Page:
        self.page.goto(path)
        return self.look(picture)

    def look(self, picture: str | None = None) -> Page:
        """Check the page that is open, and keep a picture of it."""
        if picture is not None:
            self._screenshot(self.page, picture)
        kind = self._kind()
        if picture is not None or kind not in _looked_at:
            self._accessible(self.page)
            _looked_at.add(kind)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert self.page.viewport_size is not None
        assert width <= self.page.viewport_size["width"], f"{self.page.url} is {width} px wide"
        return self.page

    def press(self, name: str, within: Locator | None = None, picture: str | None = None) -> Response | None:
        """Press the button with this name (or follow the link), wait for the page it leads to, and check that page."""
        here = within or self.page.locator("body")
        one = here.get_by_role("button", name=name, exact=True).or_(here.get_by_role("link", name=name, exact=True))
        with self.page.expect_navigation() as led:
            one.click()
        self.look(picture)
        return led.value

    def choose(self, question: str, answer: str) -> None:
        """A radio button of a question."""
        self.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()

    def submit(self, picture: str | None = None) -> Response | None:
        """The main form's button."""
        return self.press("提交", self.page.locator("form.form"), picture)

    def says(self, text: str | re.Pattern[str]) -> None:
        """The page's main part holds this text."""
        expect(self.page.locator("main")).to_contain_text(text)

    def _kind(self) -> tuple[object, ...]:
        """What makes two pages alike enough for axe to look at one: address without its numbers, language, width, heading, notes."""
        words = "[...document.querySelectorAll('h1, .note')].map(e => e.className + (e.tagName === 'H1' ? e.innerText : ''))"
        language = self.page.locator("html").get_attribute("lang")
        return (re.sub(r"\d+", "", self.path), str(self.page.viewport_size), language, *self.page.evaluate(words))

    @property
    def english(self) -> bool:
        """Whether the page that is open is in English."""
        return self.page.locator("html").get_attribute("lang") == "en"

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def row(self, text: str) -> Locator:
        """The line of a table that holds this text."""
        return self.page.locator("tbody tr").filter(has_text=text)
