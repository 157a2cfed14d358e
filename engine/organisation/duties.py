"""Who is on duty for a unit's post, and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update

from engine.acts.base import clean_text
from engine.audit.recording import ORGANISATION, record
from engine.errors import Invalid, NotFound
from engine.organisation import revision, rights
from engine.people import load_actor
from engine.tables import duty, instant_text, membership
from engine.tables import unit as unit_table

if TYPE_CHECKING:
    from engine.core import Core


def put(
    core: Core,
    unit: str,
    post: str,
    person: int | str,
    since: datetime,
    until: datetime,
    by: int | str,
    *,
    note: str = "",
) -> int:
    """`person`, who holds this post in this unit, is on duty from `since` up to `until` (database time); answers the id. NotFound: no such
    unit or person. NotAllowed: `by` neither organises the unit nor administers. Invalid: the time is wrong, over, or longer than `by`
    stands in for the unit's head; the person does not hold the post all that time, or is on duty for it then already. Several may be
    on duty at once."""
    said = clean_text(note, 500) if note.strip() else ""
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        unit_id = connection.execute(
            select(unit_table.c.id).where(unit_table.c.key == unit, unit_table.c.ended_at.is_(None))
        ).scalar()
        if unit_id is None:
            raise NotFound(what="unit")
        for_id = rights.check_organises(connection, actor, {unit_id}, "排班", "change the duty roster", until=until)
        who = load_actor(connection, person)
        if until <= max(since, core.db.now_on(connection)):
            raise Invalid(
                why_zh="结束时间须晚于开始时间和现在", why_en="it must end later than it begins, and later than now"
            )
        m = membership.c
        holds = select(m.person_id).where(
            m.person_id == who.id,
            m.unit_id == unit_id,
            m.post_key == post,
            or_(m.since.is_(None), m.since <= since),
            or_(m.until.is_(None), m.until >= until),
        )
        if connection.execute(holds).first() is None:
            raise Invalid(
                why_zh=f"“{who.name}”在该时间段内不任本单位此岗位",
                why_en=f"“{who.name}” does not hold this post here all that time",
            )
        row = {"unit_id": unit_id, "post_key": post, "person_id": who.id}
        same = [duty.c[name] == value for name, value in row.items()]
        if connection.execute(select(duty.c.id).where(*same, duty.c.since < until, duty.c.until > since)).first():
            raise Invalid(
                why_zh=f"“{who.name}”在该时间段内已有值班", why_en=f"“{who.name}” is on duty at that time already"
            )
        done = connection.execute(insert(duty).values(**row, since=since, until=until, note=said).returning(duty.c.id))
        new = int(done.scalar_one())
        after = {
            "duty": new,
            "person": who.id,
            "post": post,
            "since": instant_text(since),
            "until": instant_text(until),
        }
        data = {"after": after}
        about = f"unit:{unit}"
        record(core, connection, ORGANISATION, "duty_put", actor=actor, about=about, data=data, for_id=for_id)
        revision.touch(connection, [who.id])
        return new


def remove(core: Core, duty_id: int, by: int | str) -> None:
    """Take a duty off the roster; one that has begun ends now. NotFound: no such duty. Invalid: it is over."""
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        query = (
            select(duty, unit_table.c.key)
            .join(unit_table, unit_table.c.id == duty.c.unit_id)
            .where(duty.c.id == duty_id)
        )
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(what="duty")
        for_id = rights.check_organises(connection, actor, {row["unit_id"]}, "排班", "change the duty roster")
        now = core.db.now_on(connection)
        if row["until"] <= now:
            raise Invalid(why_zh="值班已经结束，不能更改", why_en="it is over: what was, was")
        if row["since"] < now:
            connection.execute(update(duty).where(duty.c.id == duty_id).values(until=now))
        else:
            connection.execute(delete(duty).where(duty.c.id == duty_id))
        before = {"duty": duty_id, "person": row["person_id"], "post": row["post_key"]}
        before |= {"since": instant_text(row["since"]), "until": instant_text(row["until"])}
        about = f"unit:{row['key']}"
        data = {"before": before}
        record(core, connection, ORGANISATION, "duty_removed", actor=actor, about=about, data=data, for_id=for_id)
        revision.touch(connection, [row["person_id"]])
