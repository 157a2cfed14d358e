"""Files that answers name by their ids, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from engine import files
from engine.errors import LiandongError
from web.auth import city

Row = Mapping[str, Any]


def told(instance_id: int | None, file_id: str) -> Row | None:
    """A file of a case, as its reader may see it: name, type, and whether it has a small picture (`thumbnail`). None: nothing is known."""
    if instance_id is None or g.get("actor") is None:
        return None
    known: dict[int, dict[str, Row]] = g.setdefault("files_told", {})
    if instance_id not in known:
        try:
            rows = files.listing(city().core, instance_id, g.actor.id)
        except LiandongError:
            rows = []  # neither is the file itself
        known[instance_id] = {str(row["id"]): row for row in rows}
    return known[instance_id].get(file_id)
