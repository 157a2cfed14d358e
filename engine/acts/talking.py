"""What people say on a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine import access, effects, notices
from engine.acts import receivers
from engine.acts.base import check_on_case, clean_text
from engine.errors import Invalid
from engine.events import Event
from engine.steps import Reply, Seen, run
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def comment(
    core: Core, instance_id: int, text: str, by: int | str, *, people: Sequence[int] = (), key: str | None = None
) -> Reply:
    """Say something on a case one sees, and call the attention of `people` to it (@): they get a notice. Kept in its history.

    Invalid when one of them may not see the case: nobody learns of a case by being named on it; a copy must be sent first."""
    said = clean_text(text)
    named = list(dict.fromkeys(people))

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.someone, instance_id)
            blind = receivers.blind(connection, instance_id, named[: most + 1])
        check_on_case(core, seen, "comment")
        if len(named) > most:
            raise Invalid(why_zh=f"最多 @ {most} 人", why_en=f"name {most} people at most")
        if blind:
            shown = receivers.names(core, blind)
            raise Invalid(
                why_zh=f"{'、'.join(shown)}无权查看本案，不能 @；请先抄送或传阅",
                why_en=f"{', '.join(shown)} may not see this case and cannot be named on it; send them a copy first",
            )
        data: Row = {"text": said, **({"people": named} if named else {})}
        seq = effects.record(seen, writes, Event.COMMENTED, actor=seen.actor, data=data)
        notices.tell(seen, writes, seq, "mentioned", named, data={"text": said[:200]})
        return {"instance": instance_id, "seq": seq}

    most = receivers.most(core) if named else 0
    request: Row = {"act": "comment", "text": said, **({"people": named} if named else {})}
    return run(core, instance_id, plan, by, key, request, while_suspended=True)
