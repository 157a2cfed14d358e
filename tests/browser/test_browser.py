"""The browser itself: it draws Chinese, and a broken page cannot pass."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NewPage, pages, served

PAGE = """<!doctype html><html lang="zh-CN"><title>联动</title><main><h1>{text}</h1></main></html>"""
BROKEN = """<!doctype html><html><title>x</title><img src="/x"><script>missing()</script></html>"""


def application(html: str) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [html.encode()]

    return answer


def test_chinese_is_drawn_and_not_as_boxes(
    new_page: NewPage, screenshot: Callable[[Page, str], Path], accessible: Callable[[Page], None]
) -> None:
    inked = set()
    for text in ("井盖破损", "督办超期"):
        with served(application(PAGE.format(text=text))) as address:
            page = new_page(address)
            page.goto("/")
            accessible(page)
            with Image.open(screenshot(page, "chinese")) as picture:
                inked.add(picture.convert("1").tobytes())
    assert len(inked) == 2, "two different texts look the same: the Chinese font is missing"


def test_axe_sees_a_picture_without_words(new_page: NewPage, accessible: Callable[[Page], None]) -> None:
    with served(application(PAGE.format(text="<img src='data:,'>"))) as address:
        page = new_page(address)
        page.goto("/")
        with pytest.raises(AssertionError, match="image-alt"):
            accessible(page)


def test_a_failing_script_fails_the_test(browser: Browser) -> None:
    with (
        served(application(BROKEN)) as address,
        pytest.raises(AssertionError, match="missing is not defined"),
        pages(browser) as new_page,
    ):
        new_page(address).goto("/")
