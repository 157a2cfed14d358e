"""The action `notify`: what a diagram tells people, inside the very step that takes its job away, so that it is told once.

    <ld:action name="notify" unit="=late_unit" post="unit_head" zh="请于{…}前答复" en="…" kind="yellow_card" urgent="true"/>

Who: `person` (a login, an id, or a list of them); `post` (or a list of posts) in `unit` (without a unit: wherever it is held); `unit`
alone, or where nobody holds that post in it: its head. Or by rank, `to` (one or several of `ranks.RANKS`): `substitute`: who stands in for
the unit's holders of `post` (`handler`); `head`: its head; `duty_leader`: who leads on duty; `person`: those that `person` names alone.
What: `zh`, `en` (one serves for the other); `kind`: a row of `notice_templates`, `told` without one; `urgent`: at any hour, by every
channel they have, else as the table says of the kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import notices
from engine.organisation import snapshot
from escalation.sending import ranks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.core import Core
    from engine.organisation.snapshot import Snapshot
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

TOLD = "told"
_KIND, _TEXT = 20, 2000
_APART = ".t"
"""What is told stands beside what the same step tells them otherwise."""


def notify(core: Core, seen: Seen, writes: WriteSet, parameters: Row) -> Row:
    """Write the notices; answers what was asked, and to how many it was told. In a replay nobody is."""
    people = [] if seen.world.kind == "replay" else named(core, seen, parameters)
    zh, en = (_text(parameters.get(name)) for name in ("zh", "en"))
    zh = zh or _text(parameters.get("text"))
    kind = str(parameters.get("kind") or TOLD)[:_KIND]
    data: Row = {"zh": zh or en, "en": en or zh}
    if parameters.get("urgent") in (True, "true"):
        data["urgent"] = True
    counted = writes.instance.get("history_count")
    seq = seen.instance["history_count"] if counted is None else counted
    notices.tell(seen, writes, seq, kind, people, data=data, apart=_APART)
    return {**parameters, "told": len(people)}


def named(core: Core, seen: Seen, parameters: Row) -> list[int]:
    """Whom the parameters mean, each once; names that mean nobody are passed over."""
    known = snapshot.of(core, seen.organisation)
    given = parameters.get("person")
    found = [known.known(ref) for ref in (given if isinstance(given, list) else [given])]
    unit_key, post = parameters.get("unit"), parameters.get("post")
    unit_id = core.unit_id(unit_key, seen.world.realm) if isinstance(unit_key, str) and unit_key else None
    holders: list[int] = []
    to = parameters.get("to")
    if to:
        holders = ranks.told(core, known, seen, to, unit_id, post if isinstance(post, str) else None)
        return _once([*found, *holders])
    if unit_id is not None or not unit_key:
        posts = [one for one in (post if isinstance(post, list) else [post]) if isinstance(one, str) and one]
        holders = [who for one in posts for who in known.holders(unit_id, one, seen.wall)]
    if unit_id is not None and not holders:
        holders = _heads(known, unit_id, seen)
    return _once([*found, *holders])


def _once(people: Iterable[int | None]) -> list[int]:
    return list(dict.fromkeys(who for who in people if who is not None))


def _heads(known: Snapshot, unit_id: int, seen: Seen) -> list[int]:
    return [who for post in known.heads for who in known.holders(unit_id, post, seen.wall)]


def _text(value: Any) -> str:
    return value.strip()[:_TEXT] if isinstance(value, str) else ""
