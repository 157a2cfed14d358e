"""A look-up in a large register: words are typed, the row they mean is found, and several are offered; without a script too."""

from __future__ import annotations

import pytest

from engine import registers
from tests.web.visitor import Visit

KEEPER = "yinshuwen"
LARGE = {
    "key": "large", "name_zh": "大表", "name_en": "Large", "row_key": "key", "label": "name", "editors": ["keep_registers"],
    "schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "行", "x-title": {"en": "Row"}, "type": "object",
        "properties": {
            "key": {"type": "string", "title": "编号", "x-title": {"en": "Number"}, "maxLength": 40},
            "name": {"type": "string", "title": "名称", "x-title": {"en": "Name"}, "maxLength": 40},
            "cover": {"type": "string", "title": "井盖", "x-title": {"en": "Cover"}, "maxLength": 120,
                      "x-control": "register", "x-register": "manholes"},
        },
        "required": ["key", "name", "cover"], "additionalProperties": False,
    },
}  # fmt: skip


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # pages


def test_words_become_the_row_they_mean(visit: Visit) -> None:
    keeper = visit(KEEPER)
    registers.define(keeper.city.core, [LARGE])
    new = "/registers/large/new"
    assert 'data-lookup="manholes"' in keeper.get(new).text
    found = keeper.get("/registers/manholes/find?q=章华路").json
    assert found
    assert len(found) <= 20
    given = {"key": "a", "name": "甲", "why": "测试"}
    several = keeper.submit(new, new, **given, cover="章华路")
    assert several.status_code == 422
    assert "对应多行" in several.text
    assert several.text.count('type="radio" name="cover"') == len(found)
    assert "登记表里没有" in keeper.submit(new, new, **given, cover="没有这口井").text
    assert keeper.submit(new, new, **given, cover=found[0]).status_code == 303
    key = found[0].rpartition("〔")[2].removesuffix("〕")
    row = registers.lookup(keeper.city.core, "large", {"key": "a"})
    assert row is not None
    assert row["cover"] == key
