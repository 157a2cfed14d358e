"""What somebody who holds a receipt code is told of their report, and whether it is solved in their eyes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import effects, files, instances, origin, worlds
from engine.acts.base import clean_text
from engine.errors import Invalid, KeyReused, NotFound
from engine.events import Event
from engine.public import applying, codes, limits, reporting, stages, talking, technical, terms
from engine.public.stages import Stage
from engine.public.talking import SOLVED, UNSOLVED, Message
from engine.tables import LIVE, attachment, instance, link, public_message, public_report, task

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

REOPENED_FROM = "reopened_from"


@dataclass(frozen=True, slots=True)
class Followed:
    """A report as its reporter sees it. `state`: held, refused, started or joined; `title`, `said`: only what they wrote themselves;
    `before`: the number of the case that this one opens again; `unit_id`: who handles it, where the city tells; `photos`: ids of what
    they sent, `shown`: ids of what the city shows of the handling."""

    code_hash: str
    instance_id: int
    state: str
    at: datetime
    number: str = ""
    title: str = ""
    said: str = ""
    place: str = ""
    area: str = ""
    note: str = ""
    stages: tuple[Stage, ...] = ()
    messages: tuple[Message, ...] = ()
    asked: bool = False
    ended: bool = False
    may_judge: bool = False
    verdict: str | None = None
    reopened: bool = False
    before: str = ""
    unit_id: int | None = None
    photos: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


def find(core: Core, typed: str, address: str) -> str:
    """The hash of a code that somebody typed, of a report or an application. NotFound when there is none; TooOften after too many wrong
    ones."""
    limits.check_code(core, address)
    code = codes.clean(typed)
    if code is not None:
        code_hash = codes.hash_of(code)
        with core.db.read() as connection:
            if reporting.known(connection, code_hash) or applying.known(connection, code_hash):
                return code_hash
    limits.note_wrong_code(core, address)
    raise NotFound(what="report")


def is_application(core: Core, code_hash: str) -> bool:
    """Whether a code is an application's, and not a report's."""
    with core.db.read() as connection:
        return applying.known(connection, code_hash) is not None


def follow(core: Core, code_hash: str) -> Followed:
    """The report of a code as it stands now. NotFound when there is none."""
    with core.db.read() as connection:
        row = reporting.known(connection, code_hash)
        if row is None:
            raise NotFound(what="report")
        asked = terms.read(connection)
        now = worlds.on(connection, core, LIVE).now
        found = connection.execute(select(instance).where(instance.c.id == row["instance_id"])).mappings().first()
        tasks = [
            dict(r) for r in connection.execute(select(task).where(task.c.instance_id == row["instance_id"])).mappings()
        ]
        pictures = connection.execute(
            select(attachment.c.id)
            .where(
                attachment.c.instance_id == row["instance_id"],
                attachment.c.purpose == reporting.purpose(code_hash),
                attachment.c.thumbnail.is_not(None),
            )
            .order_by(attachment.c.at, attachment.c.id)
        ).scalars()
        photos = tuple(pictures)
        again = connection.execute(
            select(link.c.instance_id).where(link.c.other_id == row["instance_id"], link.c.kind == REOPENED_FROM)
        ).first()
        before = connection.execute(
            select(instance.c.number)
            .join(link, link.c.other_id == instance.c.id)
            .where(link.c.instance_id == row["instance_id"], link.c.kind == REOPENED_FROM)
        ).scalar()
    own = Followed(code_hash, row["instance_id"], row["state"], row["at"], photos=photos)
    if found is None:  # held or refused
        answers = (row["answers"] or {}).get("answers", {})
        told = row["note"] if row["state"] == reporting.REFUSED else ""
        return replace(
            own, title=answers.get("title", ""), place=answers.get("place", ""), area=answers.get("area", ""), note=told
        )
    case = dict(found)
    told_stages = asked["public_stages"].get(case["key"], [])
    messages = tuple(talking.seen_by(core, case["id"], code_hash))
    verdict = next((m.kind for m in reversed(messages) if m.kind in (SOLVED, UNSOLVED)), None)
    ended = case["ended_at"] is not None
    in_time = ended and now <= case["ended_at"] + timedelta(days=float(asked["public_reopen_days"]))
    mine = row["state"] == reporting.STARTED
    return replace(
        own,
        number=case["number"],
        title=case["title"] if mine else "",
        said=str(case["facts"].get("description") or "") if mine else "",
        before=before or "",
        place=(case["place"] or "") if mine else "",
        area=case["area"] or "",
        stages=tuple(stages.of_case(told_stages, case, tasks)),
        messages=messages,
        asked=talking.is_asked(messages),
        ended=ended,
        may_judge=in_time and verdict is None and stages.closed_well(told_stages, case),
        verdict=verdict,
        reopened=again is not None,
        unit_id=case["unit_id"] if asked["public_shows_units"] else None,
        shown=_shown(case["facts"], asked["public_shows_facts"]),
    )


def fetch(core: Core, code_hash: str, file_id: str) -> files.Fetched:
    """A picture, small, that the reporter sent, or that the city shows. NotFound otherwise."""
    found = follow(core, code_hash)
    if file_id not in (*found.photos, *found.shown):
        raise NotFound(what="file")
    return files.fetch_unasked(core, found.instance_id, file_id, thumbnail=True)


def judge(
    core: Core,
    code_hash: str,
    *,
    solved: bool,
    text: str = "",
    photos: Sequence[files.Accepted] = (),
) -> int:
    """Say whether it is solved, once. Not solved, with a reason, opens a new case that is linked to the old one; a second reporter of the
    same case joins it there. Answers the id of the case that the code now follows. Invalid when it cannot be judged (any more)."""
    found = follow(core, code_hash)
    if not found.may_judge:
        raise Invalid(why_zh="现在不能评价这件上报", why_en="this report cannot be judged now")
    said = clean_text(text, talking.LONGEST) if not solved or text.strip() else ""
    kind = SOLVED if solved else UNSOLVED
    if photos:
        files.keep(core, photos)

    # the new case first: should this be cut short, the reporter is with it, and only the word "unsolved" is missing on the old one
    now_followed = found.instance_id if solved else _reopen(core, found, said, photos)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if not _judged(core, found.instance_id, code_hash):
            written = talking.write(seen, writes, kind, said, code_hash=code_hash, message_id=_verdict_id(code_hash))
            effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": kind, **written})
        return {"instance": found.instance_id}

    technical.step(core, found.instance_id, plan)
    return now_followed


# ---------------------------------------------------------------- inside


def _shown(facts: Row, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(one) for name in names for one in (facts.get(name) or ()) if isinstance(facts.get(name), list))


def _verdict_id(code_hash: str) -> str:
    return f"verdict-{codes.short(code_hash)}"


def _judged(core: Core, instance_id: int, code_hash: str) -> bool:
    key = (public_message.c.instance_id == instance_id, public_message.c.id == _verdict_id(code_hash))
    with core.db.read() as connection:
        return connection.execute(select(public_message.c.id).where(*key)).first() is not None


def _reopen(core: Core, old: Followed, said: str, photos: Sequence[files.Accepted]) -> int:
    """One new case for one old one, whoever says so first; the answers of the old start form start it."""
    case = instances.get(core, old.instance_id)
    facts: Row = case["facts"]
    definition, form = reporting.form_of(core)
    answers = {k: facts[k] for k in form.properties if facts.get(k) is not None and k != "photos"}
    answers["description"] = said
    if photos:
        answers["photos"] = [f.id for f in photos]
    answered, given = reporting.start_answers(definition, answers, str(facts.get("source") or ""))
    person = technical.person_id(core)
    key = f"reopen:{old.instance_id}"
    new = instances.id_by(person, key)

    def beside(seen: Seen, writes: WriteSet) -> None:
        # the new case repeats what the first reporter wrote: who had joined that is told no more of it than before
        writes.insert(public_report, **reporting.row_of(old.code_hash, old.state, seen))
        if old.state == reporting.JOINED:
            written = talking.write(seen, writes, talking.NOTE, said, code_hash=old.code_hash)
            effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": reporting.JOINED, **written})
        files.add(core, seen, writes, photos, purpose=reporting.purpose(old.code_hash))

    def join(seen: Seen, writes: WriteSet) -> Reply:
        if reporting.is_there(core, old.code_hash, new):  # sent twice at once
            return {"instance": new}
        writes.insert(public_report, **reporting.row_of(old.code_hash, reporting.JOINED, seen))
        written = talking.write(seen, writes, talking.NOTE, said, code_hash=old.code_hash)
        effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": reporting.JOINED, **written})
        files.add(core, seen, writes, photos, purpose=reporting.purpose(old.code_hash))
        return {"instance": new}

    if not _exists(core, new):
        with origin.coming_from(""), suppress(KeyReused):  # reused: somebody else was faster by a moment
            instances.start(
                core,
                definition.key,
                answered,
                person,
                key=key,
                given=given,
                links=((old.instance_id, REOPENED_FROM),),
                beside=beside,
            )
            return new
    technical.step(core, new, join)
    return new


def _exists(core: Core, instance_id: int) -> bool:
    with core.db.read() as connection:
        return connection.execute(select(instance.c.id).where(instance.c.id == instance_id)).first() is not None
