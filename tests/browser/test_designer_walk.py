"""A designer walks through a diagram with tokens; the draft knows nothing of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import drafts
from tests.browser.conftest import Sit
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from web.city import City


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_diagram_is_walked_through_and_nothing_is_saved(locale: str, sit: Sit, city: City) -> None:
    chinese = locale.startswith("zh")
    designer = sit(DESIGNER, locale=locale)
    page = designer.open("/definitions/supervision/edit")
    expect(page.locator("[data-element-id=Archive]").first).to_be_visible()
    assert "simulating" not in loaded(page)
    button = page.locator("[data-act=simulate]")
    expect(button).to_have_text("走一遍" if chinese else "Walk through")
    button.click()
    walk = page.locator(".designer-simulation")
    expect(walk.locator("[data-element-id=Archive]").first).to_be_visible()
    expect(walk.locator(".bts-palette")).to_be_visible()
    start = walk.get_by_title("触发" if chinese else "Trigger Event", exact=True).first
    start.click()
    expect(walk.locator(".bts-token-count, .bts-token").first).to_be_visible()
    walk.get_by_title("经过" if chinese else "Toggle Simulation Log", exact=True).click()
    expect(walk.locator(".bts-log")).to_contain_text("流程开始" if chinese else "Process started")
    designer.look(f"designer-walk-{locale[:2]}")
    if chinese:  # which instance it was is a colour; its name, made by chance, is not shown
        without = "all.querySelectorAll('.bts-scope, style, svg').forEach(it => it.remove())"
        words = walk.evaluate(f"one => {{ const all = one.cloneNode(true); {without}; return all.textContent; }}")
        found = re.findall("[A-Za-z]{4,}", words)
        assert not found, found
    expect(button).to_have_text("回到编辑" if chinese else "Back to drawing")
    button.click()
    expect(walk).to_have_count(0)
    page.locator("[data-act=save]").click()
    expect(page.locator(".designer-said")).to_have_text("没有未保存的修改" if chinese else "Nothing is left to save")
    assert drafts.listing(city.core) == []


def loaded(page: object) -> str:
    return page.evaluate("performance.getEntriesByType('resource').map(one => one.name).join(' ')")  # type: ignore[attr-defined, no-any-return]
