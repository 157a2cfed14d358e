"""The city's numbers: rows of the table `setting`, each with its source. What a row is missing for has a default here, named as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine.audit import recording
from engine.tables import setting

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

CHANGED = "setting_changed"
"""The kind of audit row that tells of a setting."""


def read(connection: Connection, defaults: dict[str, Any]) -> dict[str, Any]:
    """The settings named in `defaults`, each as it is set, or else its default."""
    rows = connection.execute(select(setting.c.key, setting.c.value).where(setting.c.key.in_(list(defaults))))
    return {**defaults, **{key: value for key, value in rows}}  # noqa: C416  rows are not pairs to the type checker


def put(
    core: Core, connection: Connection, key: str, value: Any, *, actor: Actor | None = None, source: str | None = None
) -> None:
    """Give a setting a value inside the transaction of `connection`, which `core.db.write()` opened; what it was before is audited.
    `source`: where the number comes from; none: as it was."""
    old = connection.execute(select(setting.c.value, setting.c.source).where(setting.c.key == key)).first()
    if old is not None and old.value == value and source in (None, old.source):
        return
    if old is None:
        connection.execute(insert(setting).values(key=key, value=value, source=source or ""))
    else:
        changed = {"value": value} if source is None else {"value": value, "source": source}
        connection.execute(update(setting).where(setting.c.key == key).values(**changed))
    data = {"before": old.value if old is not None else None, "after": value, "source": source}
    recording.record(core, connection, recording.CONTENT, CHANGED, actor=actor, about=f"setting:{key}", data=data)
