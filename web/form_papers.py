"""What a printed form says: the questions of a form with what was answered, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.definitions import Definition
from escalation.papers.form import Filled, Table
from forms.form import Form
from forms.model import Property
from web.telling_facts import FILES, text_of
from web.texts import locale, t

Row = dict[str, Any]


def filled(
    form: Form,
    values: Mapping[str, Any],
    *,
    case: Mapping[str, Any],
    definition: Definition,
    signs: list[tuple[str, str]],
    hidden: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    stamp: str = "",
) -> Filled:
    """The paper of a form with these values; `names`: of files by their ids. What is kept apart as personal, and what is hidden, is not
    printed: the paper says so."""
    rows: list[tuple[str, str]] = []
    tables: list[Table] = []
    apart = False
    for one in form.root.properties:
        if one.access == "hidden" or one.control == "hidden":
            continue
        if one.personal or one.name in hidden:
            apart = True
            continue
        value = values.get(one.name)
        if one.access == "read" and value in (None, "", []):
            continue
        if one.is_rows:
            tables.append(_table(one, value))
        elif one.control in FILES:
            rows.append((one.title.of(locale()), _files(value, names or {})))
        else:
            rows.append((one.title.of(locale()), text_of(one, value)))
    remark = t(
        "涉及个人信息的内容另行加密保存，不打印。", "What is personal is kept apart, encrypted, and is not printed."
    )
    return Filled(
        title=form.title.of(locale()),
        subject=case["title"] or "",
        process=definition.names.text(locale()),
        number=case["number"],
        rows=rows,
        tables=tables,
        signs=signs,
        remark=remark if apart else "",
        stamp=stamp,
    )


def _table(one: Property, value: Any) -> Table:
    parts = one.items.properties if one.items is not None else ()
    lines = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    return Table(
        one.title.of(locale()),
        [part.title.of(locale()) for part in parts],
        [[text_of(part, line.get(part.name)) for part in parts] for line in lines],
    )


def _files(value: Any, names: Mapping[str, str]) -> str:
    ids = [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
    return "\n".join(names.get(each, each) for each in ids)
