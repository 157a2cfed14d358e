"""Whether formulas are any good, asked whenever a row of the definitions is kept: by a page, a sheet, a file or a process."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

import forms
from escalation.assessment import definitions, formulas
from escalation.assessment.counts import BY_KEY
from escalation.assessment.definitions import BANDS, FIGURES, PLAN, Book
from escalation.assessment.formulas import BadFormula

Row = Mapping[str, Any]


def judge(connection: Connection, register: str, changed: Collection[str], ended: Collection[str]) -> None:
    """InvalidAnswers when a changed definition has a formula that is no good or comes back to itself, or when one that stays names a figure
    or a table of points that is ended. What was wrong before and was not touched does not hinder."""
    book = definitions.read(connection)
    found = list(_plan(book, changed) if register == PLAN else _figures(book, register, set(changed), set(ended)))
    if found:
        raise forms.InvalidAnswers([forms.Problem("expression", one.zh, one.en) for one in found[:10]])


REGISTERS = (FIGURES, BANDS, PLAN)
"""Of which it is a judge."""


# ---------------------------------------------------------------- inside


def _plan(book: Book, changed: Collection[str]) -> Iterator[BadFormula]:
    scales = _known(book, book.plan)
    for row in book.plan:
        if str(row["no"]) in changed and row.get("expression"):
            error = definitions.problem(row, (), scales)
            if error is not None:
                yield _of(row, error)


def _figures(book: Book, register: str, changed: set[str], ended: set[str]) -> Iterator[BadFormula]:
    keys = [str(row["key"]) for row in book.figures]
    scales = _known(book, book.figures)
    made_of = {str(row["key"]): _names(row) for row in book.figures}
    for row in book.figures:
        key = str(row["key"])
        error = definitions.problem(row, keys, scales)
        touched = key in changed if register == FIGURES else bool(_scales(row) - scales)
        if error is not None and (touched or made_of[key] & ended):
            yield _of(row, error)
        elif register == FIGURES and _returns(key, made_of) and _line(key, made_of) & changed:
            yield _of(row, BadFormula("公式绕回自身", "the formula comes back to itself"))


def _known(book: Book, rows: Iterable[Row]) -> set[str]:
    """The tables of points that there are; before there is any, all that are named."""
    return {str(row["scale"]) for row in book.bands} or {one for row in rows for one in _scales(row)}


def _line(key: str, made_of: Mapping[str, set[str]]) -> set[str]:
    """A figure and all that it is made of."""
    found, left = set(), [key]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += made_of.get(one, ())
    return found


def _returns(key: str, made_of: Mapping[str, set[str]]) -> bool:
    return any(key in _line(one, made_of) for one in made_of[key])


def _names(row: Row) -> set[str]:
    """The figures that a formula names; a count of the same name comes first, as when it is reckoned."""
    try:
        return set(formulas.parse(str(row.get("expression") or "")).names) - set(BY_KEY)
    except BadFormula:
        return set()


def _scales(row: Row) -> set[str]:
    try:
        return set(formulas.parse(str(row.get("expression") or "")).scales)
    except BadFormula:
        return set()


def _of(row: Row, error: BadFormula) -> BadFormula:
    return BadFormula(f"{row['name_zh']}：{error.zh}", f"{row['name_en']}: {error.en}")
