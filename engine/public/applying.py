"""Applications of the public: what may be applied for, taken in under a receipt code, corrected and asked about with it.

A process may be applied for when the setting `public_applications` names it: {process: {form: a form of the process (usually `public`),
lead_zh, lead_en (what it is for), needs: [{zh, en}] (what to have at hand), permit (its rows of the register `permit_terms`), tells:
[facts that the applicant is told], stretch: {register, row, begins, ends, from, until: the answers that say what it would reserve},
asks: [{message, zh, en, help_zh, help_en}] (messages by which the applicant may withdraw, renew …)}}.

A task of the diagram is the applicant's with `<ld:candidates starter="true"/>`; a message of theirs is one that a token of their own case
waits for: no correlation is needed, and no other case is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import (
    definitions,
    effects,
    files,
    identities,
    instances,
    messages,
    origin,
    registers,
    reservations,
    settings,
)
from engine.acts import completing
from engine.acts.base import clean_text
from engine.errors import BusinessError, Invalid, NotFound
from engine.events import Event
from engine.public import codes, places, technical
from engine.queries.names import directory
from engine.subscriptions import MESSAGE, Waiting
from engine.tables import LIVE, application, subscription
from engine.worlds import on as world_on
from forms.errors import InvalidAnswers, Problem

if TYPE_CHECKING:
    from engine.core import Core
    from engine.definitions import Definition
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet
    from forms.form import Form

Row = dict[str, Any]

DEFAULTS: dict[str, Any] = {"public_applications": {}}
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that may be applied for. `says`: its part of the setting."""

    definition: Definition
    form: Form
    says: Row

    @property
    def process(self) -> str:
        """The key of its process."""
        return self.definition.key


@dataclass(frozen=True, slots=True)
class Application:
    """An application that was read and found complete. `answers` are facts, `personal` says who applies; `files` are kept already."""

    answers: Row
    personal: identities.Personal = field(default_factory=dict)
    files: tuple[files.Accepted, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A message that an applicant may send now: a token of their case waits for it."""

    message: str
    says: Row
    waiting: Waiting
    key: str


def kinds(core: Core) -> list[Kind]:
    """What may be applied for, as the setting orders it. What is not deployed, or has no such form, is left out."""
    with core.db.read() as connection:
        named: dict[str, Row] = settings.read(connection, DEFAULTS)["public_applications"]
        newest = definitions.newest_ids(connection)
    found = []
    for process, says in named.items():
        if process not in newest:
            continue
        definition = definitions.get(core, newest[process])
        form = definition.forms.get(str(says.get("form", "public"))) or definition.start_form
        if form is not None:
            found.append(Kind(definition, form, says))
    return found


def kind_of(core: Core, process: str) -> Kind:
    """One of them. NotFound."""
    found = next((one for one in kinds(core) if one.process == process), None)
    if found is None:
        raise NotFound(what="application")
    return found


def read(core: Core, kind: Kind, answers: Row, sent: Sequence[files.Accepted]) -> Application:
    """An application from what the page sent. InvalidAnswers with each wrong field, by the public's form and by the process's own."""
    cleaned, personal = identities.split(kind.form, kind.form.validate(answers))
    problems = [*_unknown(core, kind.form, cleaned), *_elsewhere(core, cleaned)]
    if problems:
        raise InvalidAnswers(problems)
    made = Application({k: v for k, v in cleaned.items() if v is not None}, personal, tuple(sent))
    form = kind.definition.start_form
    if form is not None:
        form.validate(_answered(kind, made)[0])
    return made


def known(connection: Connection, code_hash: str) -> int | None:
    """The id of the case of a receipt code; none when it is no application's."""
    query = select(application.c.instance_id).where(application.c.code_hash == code_hash).order_by(application.c.at)
    found: int | None = connection.execute(query.limit(1)).scalar()
    return found


def submit(core: Core, code: str, kind: Kind, given: Application) -> int:
    """Take an application in: it starts its case, in the name of the technical person of the public. The same code sent again is the same
    application. Answers the id of its case."""
    code_hash = codes.hash_of(code)
    with core.db.read() as connection:
        there = known(connection, code_hash)
    if there is not None:
        return there
    if given.files:
        files.keep(core, given.files)
    answers, more, left = _answered(kind, given)
    person, key = technical.person_id(core), f"apply:{codes.short(code_hash)}"
    sealed = identities.prepare(core, instances.id_by(person, key), left)

    def beside(seen: Seen, writes: WriteSet) -> None:
        writes.insert(application, code_hash=code_hash, at=seen.now)
        files.add(core, seen, writes, given.files, purpose=purpose(code_hash))
        if sealed:
            said = identities.add(seen, writes, sealed)
            effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": "started", **said})

    with origin.coming_from(""):
        done = instances.start(core, kind.process, answers, person, key=key, given=more, beside=beside, follows=True)
    return int(done["instance"])


def purpose(code_hash: str) -> str:
    """What an applicant's attachment says of itself: it names nobody, and lets them have their own papers."""
    return f"public:{codes.short(code_hash)}"


def meets(core: Core, kind: Kind, answers: Mapping[str, Any]) -> list[Row]:
    """What is asked for or held where and when this application would be, as `engine.reservations` tells it; none where the answers name
    no place or no time."""
    says = kind.says.get("stretch")
    if not isinstance(says, dict):
        return []
    given = {name: answers.get(str(says.get(name))) for name in ("row", "begins", "ends", "from", "until")}
    if not given["row"] or not given["from"] or not given["until"]:
        return []
    with core.db.read() as connection:
        world = world_on(connection, core, LIVE)
    try:
        along, during = reservations.stretch(given), reservations.period(given, world.zone)
    except BusinessError:
        return []  # the process says what is wrong with it
    rows = reservations.overlapping(core, LIVE, str(says["register"]), str(given["row"]), along, during)
    return [reservations.told(row, world.zone) for row in rows]


# ---------------------------------------------------------------- with the code


def answer(
    core: Core, instance_id: int, task_id: int, answers: Row, sent: Sequence[files.Accepted], key: str | None
) -> Reply:
    """Do the applicant's own task: what was missing is supplied. NotFound when it is not theirs, TaskGone when it is done."""
    with origin.coming_from(""):
        person = technical.person_id(core)
        return completing.complete(core, f"{instance_id}.{task_id}", answers, person, key=key, accepted=sent)


def asks(core: Core, instance_id: int, process: str) -> list[Ask]:
    """The messages that the applicant may send now."""
    with core.db.read() as connection:
        named = settings.read(connection, DEFAULTS)["public_applications"].get(process, {}).get("asks", [])
        query = select(subscription).where(subscription.c.instance_id == instance_id, subscription.c.kind == MESSAGE)
        rows = connection.execute(query.order_by(subscription.c.at, subscription.c.task_id)).mappings().all()
    found = []
    for says in named:
        row = next((each for each in rows if each["name"] == says.get("message")), None)
        if row is not None:
            found.append(Ask(row["name"], says, Waiting(instance_id, row["task_id"], row["idx"]), row["key"]))
    return found


def ask(core: Core, instance_id: int, process: str, message: str, text: str, key: str | None) -> Reply:
    """Send one of them to the applicant's own case: its payload has `text`, why or what else they wrote. Invalid when nothing waits for it
    any more, or the case stands still."""
    said = clean_text(text, LONGEST) if text.strip() else ""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        one = next((each for each in asks(core, instance_id, process) if each.message == message), None)
        letter = {"what": MESSAGE, "name": message, "key": one.key if one else "", "payload": {"text": said}}
        if one is None or seen.suspended or not messages.take(core, seen, writes, one.waiting, letter):
            raise Invalid(why_zh="现在不能提出这项请求", why_en="this cannot be asked for now")
        return {"instance": instance_id}

    return technical.step(core, instance_id, plan, key, {"act": "ask", "message": message, "text": said})


# ---------------------------------------------------------------- inside


def _answered(kind: Kind, given: Application) -> tuple[Row, Row, identities.Personal]:
    """What answers the process's own start form, what is known besides, and what is personal and sealed apart from both."""
    form = kind.definition.start_form
    own = form.properties if form is not None else {}
    answers = {k: v for k, v in given.answers.items() if k in own}
    more = {k: v for k, v in given.answers.items() if k not in own}
    left: identities.Personal = {}
    for name, (of, value) in given.personal.items():
        if name in own and own[name].personal:
            answers[name] = value
        else:
            left[name] = (of, value)
    if "source" in own:
        answers.setdefault("source", "web")
    return answers, more, left


def _unknown(core: Core, form: Form, answers: Row) -> list[Problem]:
    """Answers that name a row of a register, and no row has that key."""
    problems = []
    for name, one in form.properties.items():
        value = answers.get(name)
        if one.control != "register" or value in (None, "", []) or one.register is None:
            continue
        defined = registers.find(core, one.register)
        column = defined.row_key if defined is not None else registers.KEYS.get(one.register, ("key",))[0]
        rows = {str(row.get(column)) for row in registers.rows(core, one.register)}
        areas = set(directory(core).areas) if one.register == "areas" else set()
        if not {str(each) for each in (value if isinstance(value, list) else [value])} <= rows | areas:
            problems.append(Problem(name, "请选择列表中的一项。", "Choose one of the list."))
    return problems


def _elsewhere(core: Core, answers: Row) -> list[Problem]:
    lat, lon = answers.get("lat"), answers.get("lon")
    if lat is None or lon is None or places.nearest_area(core, lat, lon) is not None:
        return []
    return [Problem("place", "标记的位置不在本市。", "The place you marked is not in this city.")]
