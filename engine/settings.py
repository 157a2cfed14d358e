"""The city's numbers: rows of the table `setting`, each with its source. What a row is missing for has a default here, named as one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from engine.tables import setting


def read(connection: Connection, defaults: dict[str, Any]) -> dict[str, Any]:
    """The settings named in `defaults`, each as it is set, or else its default."""
    rows = connection.execute(select(setting.c.key, setting.c.value).where(setting.c.key.in_(list(defaults))))
    return {**defaults, **{key: value for key, value in rows}}  # noqa: C416  rows are not pairs to the type checker
