"""The check for lint: names and obvious type errors, and no false alarm."""

from __future__ import annotations

import pytest

from engine import feel
from engine.feel.types import check, result_type

FACTS = {
    "title": "string",
    "grade": "string",
    "limit_amount": "number",
    "rework": "integer",
    "urgent": "boolean",
    "photos": "array",
    "place": "object",
    "day": "date",
    "due": "date-time",
    "anything": "any",
    "foreign": "some other type",
}


def sentences(text: str, functions: tuple[str, ...] = ()) -> list[str]:
    return [problem.en for problem in check(feel.compile(text), FACTS, functions)]


@pytest.mark.parametrize(
    "text,sentence",
    [
        ("titel = 1", "there is nothing named “titel”; did you mean “title”?"),
        ("nowhere", "there is nothing named “nowhere”"),
        ("title = 1", "a string compared by “=” with a number is always null"),
        ("title > limit_amount", "a string compared by “>” with a number is always null"),
        ("urgent > false", "a boolean has no order"),
        ('due < @"2026-10-01"', "a date and time compared by “<” with a date is always null"),
        ("limit_amount > null", "a number compared by “>” with a Null is always null"),
        ("title + 1", "string + number is not defined, and always null"),
        ("day + 1", "date + number is not defined, and always null"),
        ('limit_amount between "a" and 3', "a number compared by “between” with a string is always null"),
        ("title and urgent", "a boolean is wanted here, not a string"),
        ("if rework then 1 else 2", "a boolean is wanted here, not a number"),
        ("some p in photos satisfies count(p)", "a boolean is wanted here, not a number"),
        ("day.hour", "a date has no “hour”"),
        ("string length(rework)", "the argument must be a string, not a number"),
        ("working_days(due)", "there is no function named working_days"),
        ("{rework: rework + 1, s: rework + title}", "number + string is not defined, and always null"),
        ("for p in photos return q", "there is nothing named “q”"),
        ("count(nowhere)", "there is nothing named “nowhere”"),
        ("[nowhere]", "there is nothing named “nowhere”"),
    ],
)
def test_problems(text: str, sentence: str) -> None:
    assert sentences(text) == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        'grade = "A" and limit_amount > 3 or urgent',
        "title = null",
        "title != null and null = due",
        "anything > 3 and anything = title",
        "foreign + 1",
        "photos[size > 3 and taken = day]",
        "photos[item.size > limit_amount]",
        "place.area = title",
        "some p in photos satisfies p.size > 3",
        "for p in photos return partial",
        "{rework: rework + 1, next: rework + 1}",
        'day + duration("P1D") > day',
        "due - due > duration(title)",
        'due - @"PT1H" < now()',
        'number(title) > 3 and upper case(title) = "A"',
        "limit_amount in [1..3]",
        "string length([title]) > 3",
        "urgent and not(urgent)",
        "max(1, limit_amount) > 2",
        "if urgent then title else rework",
    ],
)
def test_no_false_alarm(text: str) -> None:
    assert sentences(text) == []


def test_our_own_functions_are_known_by_name() -> None:
    assert sentences("working_days(due) > 3", ("working_days",)) == []


def test_a_problem_stands_at_its_place() -> None:
    problems = check(feel.compile("urgent and\n  title = 1 and nowhere"), FACTS)
    assert [(problem.line, problem.column) for problem in problems] == [(2, 9), (2, 17)]
    assert all(problem.text("zh") != problem.text("en") for problem in problems)


def test_unary_tests_know_their_input() -> None:
    assert check(feel.compile_unary_tests("< limit_amount, ? > 3"), FACTS) == []
    assert [problem.en for problem in check(feel.compile_unary_tests("< nowhere"), FACTS)]


@pytest.mark.parametrize(
    "text,of",
    [
        ("1 + rework", "number"),
        ("title = grade", "boolean"),
        ("now()", "date and time"),
        ("place.x", "Any"),
        ("due - due", "days and time duration"),
    ],
)
def test_the_type_of_the_value(text: str, of: str) -> None:
    assert result_type(feel.compile(text), FACTS) == of
