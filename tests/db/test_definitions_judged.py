"""A formula that is no good is refused however a definition is kept: by a page, by a table, by a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import forms
from engine import registers
from engine.registers import keeping
from engine.registers.loading import load
from escalation.assessment import definitions
from web.city import City

ASSESSOR = "yuanzhigang"
Keep = Callable[[City, str, dict[str, Any]], None]


def register_of(city: City, register: str) -> registers.Register:
    found = registers.find(city.core, register)
    assert found is not None
    return found


def row_of(city: City, register: str, key: str) -> dict[str, Any]:
    column = register_of(city, register).row_key
    return next(dict(row) for row in plain(city, register) if str(row[column]) == key)


def plain(city: City, register: str) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        book = definitions.read(connection)
    several = {"indicators": book.figures, "assessment_bands": book.bands, "plan_indicators": book.plan}[register]
    return [{name: value for name, value in row.items() if name != "version"} for row in several]


def by_page(city: City, register: str, row: dict[str, Any]) -> None:
    found = register_of(city, register)
    key = str(row[found.row_key])
    version = keeping.versions(city.core, found, key)[0].number
    keeping.change(city.core, city.actor(ASSESSOR), found, key, version, row, "试")


def by_table(city: City, register: str, row: dict[str, Any]) -> None:
    load(city.core, register, register_of(city, register).row_key, [row], others_stay=True)


@pytest.mark.parametrize("keep", [by_page, by_table])
@pytest.mark.parametrize(
    "register, key, expression, told",
    [
        ("indicators", "closing_rate", "closed /", "写法有误"),
        ("indicators", "closing_rate", "closed / dues", "dues"),
        ("indicators", "closing_rate", "band(nosuch, closed)", "nosuch"),
        ("indicators", "closing_rate", "__import__('os')", "只能由"),
        ("indicators", "closing_rate", "1 - closing_rate", "绕回"),
        ("indicators", "closing_rate", "unit_score + 1", "绕回"),
        ("plan_indicators", "2", "carried_out / orderly", "orderly"),
    ],
)
def test_a_bad_formula_is_refused_and_nothing_is_kept(
    city: City, keep: Keep, register: str, key: str, expression: str, told: str
) -> None:
    row = row_of(city, register, key)
    with pytest.raises(forms.InvalidAnswers) as refused:
        keep(city, register, {**row, "expression": expression})
    assert told in refused.value.problems[0].zh
    assert row_of(city, register, key) == row
    keep(city, register, {**row, "expression": f"({row['expression']})"})
    assert row_of(city, register, key) != row


def test_what_others_name_is_not_ended(city: City) -> None:
    rows = plain(city, "indicators")
    with pytest.raises(forms.InvalidAnswers) as refused:
        load(city.core, "indicators", "key", [row for row in rows if row["key"] != "public_share"])
    assert "public_share" in refused.value.problems[0].zh
    assert plain(city, "indicators") == rows
    bands = plain(city, "assessment_bands")
    with pytest.raises(forms.InvalidAnswers):
        load(city.core, "assessment_bands", "key", [row for row in bands if row["scale"] != "unit_volume"])


def test_what_is_shipped_is_good(city: City) -> None:
    with city.core.db.read() as connection:
        book = definitions.read(connection)
    keys, scales = [str(row["key"]) for row in book.figures], {str(row["scale"]) for row in book.bands}
    assert [row["key"] for row in book.figures if definitions.problem(row, keys, scales)] == []
    assert len(book.figures) > 30
