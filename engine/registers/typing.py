"""From the cells of a table, which are texts, to a row as the definition's schema types it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import forms
from engine.registers.defined import Register

Row = dict[str, Any]


def typed(register: Register, cells: Mapping[str, str | None], stays: Mapping[str, Any] | None = None) -> Row:
    """The row of these cells; an empty cell is no value. `stays`: values of columns that the table does not have. InvalidAnswers with the
    sentences for each column that is wrong."""
    given = {name: [text] for name, text in cells.items() if text is not None and text.strip() != ""}
    return judged(register, {**register.form.parse_post(given), **(stays or {})})


def judged(register: Register, values: Mapping[str, Any]) -> Row:
    """The row as it is kept: validated, without what is empty. InvalidAnswers; the column that names the row is always wanted."""
    row = {name: value for name, value in register.form.validate(values).items() if value is not None}
    if not str(row.get(register.row_key, "")).strip():
        raise forms.InvalidAnswers(
            [forms.Problem(register.row_key, "请填写：它是这一行的名称。", "Please fill this in: it names the row.")]
        )
    return row
