"""Deadlines as iCalendar (RFC 5545). An address that leaked must tell as little as can be: the step, the number of the case and when it is
due; no title, no place, no words of anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from icalendar import Calendar, Event

from engine import definitions
from engine.people import Actor
from engine.queries import inbox
from engine.queries.inbox import Tab, Wanted

if TYPE_CHECKING:
    from engine.core import Core

PAGES = 3
"""Of a hundred tasks each: the most urgent. A calendar with more helps nobody."""


def deadlines(core: Core, actor: Actor, now: datetime, address: Callable[[str], str]) -> bytes:
    """The actor's claimed tasks that have a due time, but none of a confidential matter: not even that there is one; `address` gives the
    page of a task's reference. In the actor's language."""
    zh = actor.locale != "en"
    made = Calendar()
    made.add("prodid", "-//Liandong//Deadlines//" + ("ZH" if zh else "EN"))
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "联动：我的时限" if zh else "Liandong: my deadlines")
    made.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    for row in _rows(core, actor, now):
        made.add_component(_event(core, row, zh=zh, address=address))
    return bytes(made.to_ical())


def _rows(core: Core, actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, PAGES + 1):
        found = inbox.page(core, actor, Wanted(tab=Tab.MINE, page=number, size=100), now)
        yield from (row for row in found.rows if row["due_at"] is not None and not _is_secret(core, row))
        if not found.more:
            return


def _is_secret(core: Core, row: dict[str, Any]) -> bool:
    return definitions.get(core, row["definition_id"]).model.confidential is not None


def _event(core: Core, row: dict[str, Any], *, zh: bool, address: Callable[[str], str]) -> Event:
    ref = f"{row['instance_id']}.{row['id']}"
    definition = definitions.get(core, row["definition_id"])
    step = definition.model.nodes[row["node"]].names.text("zh" if zh else "en") or row["node"]
    one = Event()
    one.add("uid", f"task-{ref}@liandong")
    one.add("dtstamp", row["opened_at"])
    one.add("dtstart", row["due_at"])
    one.add("summary", f"{step}（{row['number']}）" if zh else f"{step} ({row['number']})")
    one.add("categories", [definition.names.text("zh" if zh else "en")])
    one.add("url", address(ref))
    one.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    one.add("class", "CONFIDENTIAL")
    return one
