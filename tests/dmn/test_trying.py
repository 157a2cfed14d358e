"""A decision is tried: what it asks for, which rules match, and why there is no result."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine import dmn
from engine.dmn.trying import tried
from engine.drafts import tables
from engine.drafts.deciding import described
from engine.errors import Invalid
from tests.dmn.drawing import decision, dmn_file, table

SHIPPED = sorted((Path(__file__).parents[2] / "processes").glob("*/*.dmn"))


def model(data: bytes) -> dmn.Model:
    found = dmn.read("t.dmn", data).model
    assert found is not None
    return found


@pytest.mark.parametrize("policy,rules,result", [("FIRST", (1,), 1), ("RULE ORDER", (1, 2), [1, 2])])
def test_the_rules_that_match_are_told(policy: str, rules: tuple[int, ...], result: object) -> None:
    rows = [["> 1", "1"], ["> 2", "2"], ["> 9", "3"]]
    found = tried(model(dmn_file(decision("d", table(["x"], ["y"], rows, policy=policy)))), "d", {"x": Decimal(5)})
    assert (found.rules, found.result, found.failed) == ({"d": rules}, result, None)


def test_rules_are_told_where_they_contradict_each_other() -> None:
    data = dmn_file(decision("d", table(["x"], ["y"], [["> 1", "1"], ["> 2", "2"]], policy="UNIQUE")))
    found = tried(model(data), "d", {"x": Decimal(5)})
    assert found.rules == {"d": (1, 2)}
    assert found.failed is not None
    assert "UNIQUE" in found.failed.text("zh")
    assert found.result is None


def test_decisions_that_are_required_are_told_too() -> None:
    first = decision("a", table(["x"], ["y"], [["> 1", "1"], ["-", "2"]], policy="FIRST"))
    second = decision("b", table(["a"], ["z"], [["1", '"one"'], ["2", '"two"']]), decisions=["a"])
    found = tried(model(dmn_file(first, second)), "b", {"x": Decimal(0)})
    assert found.rules == {"a": (2,), "b": (2,)}
    assert found.result == "two"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_table_asks_for_each_fact_once_in_words(path: Path) -> None:
    for one in described(path.name, path.read_bytes()):
        keys = [question.key for question in one.questions]
        assert set(keys) == model(path.read_bytes()).decisions[one.id].inputs
        assert len(set(keys)) == len(keys)
        assert all(question.label != question.key and question.type != "Any" for question in one.questions)
        assert one.name_zh != one.id != one.name_en


def test_the_texts_that_rules_compare_with_are_offered() -> None:
    (one,) = described("t.dmn", dmn_file(decision("d", table(["x"], ["y"], [['"a", "b"', "1"], ['not("c")', "2"]]))))
    assert one.questions[0].values == ("a", "b", "c")


# ---------------------------------------------------------------- new ones


def test_a_blank_table_is_right() -> None:
    data = tables.blank("p", "dig_fee", "挖掘<费>", 'Fee & "more"', ("条件", "结果", "依据"))
    assert dmn.lint("dig_fee.dmn", data) == []
    (one,) = described("dig_fee.dmn", data)
    assert (one.id, one.name_zh, one.name_en) == ("dig_fee", "挖掘<费>", 'Fee & "more"')


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_copy_decides_the_same_under_its_own_id(path: Path) -> None:
    data = tables.copied(path.name, path.read_bytes(), "other", "另一张", "Another")
    assert [one.code for one in dmn.lint("x", data)] == [one.code for one in dmn.lint("x", path.read_bytes())]
    (before,), (after,) = described(path.name, path.read_bytes()), described("other.dmn", data)
    assert (after.id, after.name_zh, after.name_en) == ("other", "另一张", "Another")
    assert after.questions == before.questions
    assert tried(model(data), "other", {}).result == tried(model(path.read_bytes()), before.id, {}).result
    assert dmn.Decisions({"a.dmn": path.read_bytes(), "b.dmn": data}).problems == []


def test_a_copy_of_several_keeps_what_they_need_of_each_other() -> None:
    first = decision("a", table(["x"], ["y"], [["> 1", "1"], ["-", "2"]], policy="FIRST"))
    second = decision("b", table(["a"], ["z"], [["1", '"one"'], ["2", '"two"']]), decisions=["a"])
    data = tables.copied("t.dmn", dmn_file(first, second), "c", "丙", "C")
    assert tried(model(data), "c", {"x": Decimal(0)}).rules == {"c_a": (2,), "c": (2,)}


@pytest.mark.parametrize("key", ["", "Fee", "1st", "a-b", "a" * 61, "known", "KNOWN"])
def test_an_id_that_cannot_be_is_refused(key: str) -> None:
    files = {"x.dmn": dmn_file(decision("known", table(["x"], ["y"], [["-", "1"]])))}
    with pytest.raises(Invalid):
        tables.check_key(files, key)
    tables.check_key(files, "other")


def test_what_cannot_be_read_is_not_copied() -> None:
    with pytest.raises(Invalid):
        tables.copied("t.dmn", b"<definitions>", "c", "丙", "C")
