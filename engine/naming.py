"""A start form that names a case: `"x-case": "case_id"` on a text field. Where the text is the number of one case that the starter sees,
the fact of that name gets its id; any other text is a remark, as in a field without it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access
from engine.tables import instance
from forms.form import Form

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

_BETWEEN = re.compile(r"[\s、，,;；]+")


def numbers(said: object) -> list[str]:
    """The numbers of cases that a text holds."""
    return [one for one in _BETWEEN.split(str(said or "")) if one]


def named(core: Core, form: Form | None, answers: Mapping[str, Any], actor: Actor, world_id: int) -> dict[str, str]:
    """The ids of the cases that the answers name, by the facts that get them."""
    asked = {one.case: numbers(answers.get(name)) for name, one in form.properties.items() if one.case} if form else {}
    found: dict[str, str] = {}
    for fact, said in asked.items():
        if len(said) == 1:
            with core.db.read() as connection:
                visible = access.visible(connection, actor)
                query = select(instance.c.id).where(
                    instance.c.number == said[0], instance.c.world_id == world_id, visible
                )
                ids = connection.execute(query.limit(2)).scalars().all()
            if len(ids) == 1:
                found[fact] = str(ids[0])
    return found
