"""What people say on a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import access, effects
from engine.acts.base import clean_text
from engine.events import Event
from engine.steps import Reply, Seen, run
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core


def comment(core: Core, instance_id: int, text: str, by: int | str, *, key: str | None = None) -> Reply:
    """Say something on a case one sees. Kept in its history."""
    said = clean_text(text)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.someone, instance_id)
        seq = effects.record(seen, writes, Event.COMMENTED, actor=seen.actor, data={"text": said})
        return {"instance": instance_id, "seq": seq}

    return run(core, instance_id, plan, by, key, {"act": "comment", "text": said}, while_suspended=True)
