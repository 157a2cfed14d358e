"""A report of the public: started as a case, held for somebody to look at, or joined to a case that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from engine import definitions, effects, files, identities, instances, origin, registers, worlds
from engine.errors import Invalid
from engine.events import Event
from engine.public import codes, duplicates, places, technical, terms
from engine.public.talking import write
from engine.queries.names import directory
from engine.tables import LIVE, attachment, public_report
from forms.errors import InvalidAnswers, Problem

if TYPE_CHECKING:
    from engine.core import Core
    from engine.definitions import Definition
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet
    from forms.form import Form

Row = dict[str, Any]

HELD, STARTED, JOINED, REFUSED = "held", "started", "joined", "refused"


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that was read and found complete. `answers` are facts, `personal` says who reported; `photos` are kept already."""

    answers: Row
    personal: identities.Personal = field(default_factory=dict)
    photos: tuple[files.Accepted, ...] = ()
    wechat: bool = False


def form_of(core: Core) -> tuple[Definition, Form]:
    """The process that public reports start, and the form that the public fills in. Both are settings."""
    with core.db.read() as connection:
        asked = terms.read(connection)
    definition = definitions.newest(core, str(asked["public_process"]))
    form = definition.forms.get(str(asked["public_form"])) or definition.start_form
    if form is None:
        raise Invalid(why_zh="上报表单尚未配置", why_en="the form of public reports is not set up")
    return definition, form


def read(core: Core, form: Form, answers: Row, photos: Sequence[files.Accepted], *, wechat: bool = False) -> Draft:
    """A draft from what the page sent. InvalidAnswers with each field that is wrong. A place is words or a point on the map; the
    community is the one chosen, else the one nearest to the point."""
    cleaned: Row
    cleaned, personal = identities.split(form, form.validate(answers))
    lat, lon = cleaned.get("lat"), cleaned.get("lon")
    areas = {None, *directory(core).areas, *(str(row["key"]) for row in registers.rows(core, "areas"))}
    problems = []
    if cleaned.get("area") not in areas:
        problems.append(Problem("area", "请选择列表中的社区、村。", "Choose a community or village of the list."))
    if lat is not None and lon is not None:
        near = places.nearest_area(core, lat, lon)
        if near is None:
            problems.append(Problem("place", "标记的位置不在本市。", "The place you marked is not in this city."))
        cleaned["area"] = cleaned.get("area") or near
        where = directory(core).area(cleaned["area"])
        cleaned["place"] = cleaned.get("place") or f"{where}（地图标记处）"
    elif not cleaned.get("place"):
        problems.append(Problem("place", "请写明位置，或在地图上标出。", "Say where it is, or mark it on the map."))
    if not problems and not cleaned.get("area"):
        problems.append(Problem("area", "请选择所在社区、村。", "Choose the community or village."))
    if problems:
        raise InvalidAnswers(problems)
    cleaned.pop("contact", None)
    return Draft({k: v for k, v in cleaned.items() if v is not None}, personal, tuple(photos), wechat)


def known(connection: Connection, code_hash: str) -> Row | None:
    """The newest row of a receipt code."""
    query = select(public_report).where(public_report.c.code_hash == code_hash).order_by(public_report.c.at.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    return dict(row) if row is not None else None


def submit(core: Core, code: str, draft: Draft, why_held: str = "") -> str:
    """Take a report in, under a receipt code: as a case, or held when there is a reason (`why_held`). The same code sent again is the
    same report. Answers its state."""
    code_hash = codes.hash_of(code)
    with core.db.read() as connection:
        row = known(connection, code_hash)
    if row is not None:
        return str(row["state"])
    if draft.photos:
        files.keep(core, draft.photos)
    if why_held:
        _hold(core, code_hash, draft, why_held)
        return HELD
    with origin.coming_from(""):
        _start(core, code_hash, draft)
    return STARTED


def join(core: Core, code: str, draft: Draft, instance_id: int) -> str:
    """Add a report to a case that is there already. NotFound unless the case is one that was offered for this report."""
    code_hash = codes.hash_of(code)
    with core.db.read() as connection:
        row = known(connection, code_hash)
    if row is not None:
        return str(row["state"])
    duplicates.check_offered(core, draft.answers, instance_id)
    if draft.photos:
        files.keep(core, draft.photos)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if is_there(core, code_hash, instance_id):  # sent twice at once
            return {"instance": instance_id}
        writes.insert(public_report, **row_of(code_hash, JOINED, seen))
        said = "\n".join(str(draft.answers[k]) for k in ("title", "description", "place") if draft.answers.get(k))
        written = write(seen, writes, "note", said, code_hash=code_hash)
        more = identities.add(seen, writes, identities.prepare(core, instance_id, draft.personal))
        effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": JOINED, **written, **more})
        files.add(core, seen, writes, draft.photos, purpose=purpose(code_hash))
        return {"instance": instance_id}

    technical.step(core, instance_id, plan)
    return JOINED


def is_there(core: Core, code_hash: str, instance_id: int) -> bool:
    """True when this code belongs to this case already."""
    key = (public_report.c.code_hash == code_hash, public_report.c.instance_id == instance_id)
    with core.db.read() as connection:
        return connection.execute(select(public_report.c.state).where(*key)).first() is not None


def instance_of(core: Core, code_hash: str) -> int:
    """The id of the case that a report is or will be: known before it starts, so that who reported can be sealed for it."""
    return instances.id_by(technical.person_id(core), key_of(code_hash))


def key_of(code_hash: str) -> str:
    """The idempotency key under which a report starts its case."""
    return f"public:{codes.short(code_hash)}"


def purpose(code_hash: str) -> str:
    """What an attachment of this reporter says of itself: it names nobody, and lets them see their own photos."""
    return f"public:{codes.short(code_hash)}"


def start_answers(definition: Definition, answers: Row, source: str) -> tuple[Row, Row]:
    """What answers the process's own start form, and what is known besides."""
    form = definition.start_form
    asked = set(form.properties) if form is not None else set()
    given = {k: v for k, v in answers.items() if k not in asked}
    answered = {k: v for k, v in answers.items() if k in asked}
    if "source" in asked:
        answered["source"] = source
    else:
        given["source"] = source
    return answered, given


# ---------------------------------------------------------------- inside


def row_of(code_hash: str, state: str, seen: Seen) -> Row:
    """The row of a report whose case is written in this step."""
    return {
        "code_hash": code_hash,
        "state": state,
        "at": seen.now,
        "answers": None,
        "why_held": "",
        "decided_at": None,
        "decided_by": None,
        "note": "",
    }


def _source(core: Core, draft: Draft) -> str:
    with core.db.read() as connection:
        asked = terms.read(connection)
    return str(asked["public_source_wechat" if draft.wechat else "public_source"])


def _start(core: Core, code_hash: str, draft: Draft) -> None:
    definition, _ = form_of(core)
    answers, given = start_answers(definition, draft.answers, _source(core, draft))
    form = definition.start_form
    asked = set(form.properties) if form is not None else set()
    sealed_there = {k: value for k, (_, value) in draft.personal.items() if k in asked}
    left = {k: one for k, one in draft.personal.items() if k not in asked}
    sealed = identities.prepare(core, instance_of(core, code_hash), left)

    def beside(seen: Seen, writes: WriteSet) -> None:
        writes.insert(public_report, **row_of(code_hash, STARTED, seen))
        files.add(core, seen, writes, draft.photos, purpose=purpose(code_hash))
        if sealed:
            said = identities.add(seen, writes, sealed)
            effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": STARTED, **said})

    instances.start(
        core,
        definition.key,
        {**answers, **sealed_there},
        technical.person_id(core),
        key=key_of(code_hash),
        given=given,
        beside=beside,
    )


def _hold(core: Core, code_hash: str, draft: Draft, why: str) -> None:
    """Keep a report without a case. Who reported is sealed for the case it may become."""
    instance_id = instance_of(core, code_hash)
    person_id = technical.person_id(core)
    definition, _ = form_of(core)
    answers, given = start_answers(definition, draft.answers, _source(core, draft))
    # sent twice at once: the second meets the first's row, and changes nothing
    with suppress(IntegrityError), core.db.write() as connection:
        now = worlds.on(connection, core, LIVE).now
        connection.execute(
            insert(public_report).values(
                code_hash=code_hash,
                instance_id=instance_id,
                state=HELD,
                at=now,
                answers={"process": definition.key, "answers": answers, "given": given},
                why_held=why[:200],
            )
        )
        identities.keep(core, connection, instance_id, draft.personal, now)
        for file in draft.photos:
            small = files.hash_of(file.thumbnail) if file.thumbnail is not None else None
            connection.execute(
                insert(attachment).values(
                    instance_id=instance_id,
                    id=file.id,
                    hash=file.hash,
                    thumbnail=small,
                    name=file.name,
                    type=file.type,
                    size=file.size,
                    purpose=purpose(code_hash),
                    by_id=person_id,
                    at=now,
                )
            )
