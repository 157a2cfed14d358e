"""The emergency room: the plans and what runs of them, starting one with few words, and the live board of an activation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for

from engine import access, definitions
from engine.acts import signature
from engine.definitions import Definition
from engine.errors import NotFound
from engine.events import Event
from engine.privacy import hidden_facts
from engine.queries import cases
from engine.queries.starting import check_can_start
from engine.tables import LIVE
from escalation.emergencies import board, drills, plans, starting
from forms.errors import InvalidAnswers
from forms.form import Form
from web import drilling, telling_emergencies, uploads
from web.auth import city
from web.drawing import draw
from web.policies import SIGNED_IN, policy
from web.telling import names
from web.telling_cases import node_name, process_name
from web.telling_history import history
from web.texts import t

page = Blueprint("emergency", __name__)

PAGES_OWN = ("csrf_token", "idempotency_key", "source_case", "drill")
STREET = "street"
"""The short form of a plan, for the street; a plan that has none is started by the form of its start."""
QUIET = frozenset({Event.ACTION_DONE, Event.TIMER_FIRED, Event.REMINDED, Event.SENT, Event.CLAIMED})
"""What the machine does by itself, and that somebody took a task: it stands in the case."""
LINES = 14
"""Lines of the timeline on the board; the case has them all."""
FEW = 12
"""As many orders as a wall has room for with what each of them says."""


@page.get("/emergency")
@policy("see_organisation")
def listing() -> str:
    """All plans, what runs, what was."""
    core = city().core
    known = plans.every(core, g.actor)
    under_way = [row for one in known for row in one.under_way]
    source = _source_case()
    return render_template(
        "emergency.html",
        plans=known,
        counts=board.summary(core, [row["id"] for row in under_way]),
        past=plans.past(core, g.actor),
        can={one.key for one in known if one.deployed and _may_start(one.key)},
        source=cases.row(core, g.actor, source) if source is not None else None,
        level=telling_emergencies.level,
        elapsed=telling_emergencies.span,
        level_of=telling_emergencies.level_of,
        since=telling_emergencies.since,
        over=telling_emergencies.is_over,
        drills_running=drills.mine(core, g.actor),
        drills_held=plans.POWER in g.actor.powers,
        operates="operate" in g.actor.powers,
    )


@page.get("/emergency/start/<plan>")
@policy(SIGNED_IN)
def start(plan: str) -> str:
    """The few things that a start needs."""
    definition = _definition(plan)
    return _start_page(definition, starting.known_from(city().core, g.actor, _source_case()))


@page.post("/emergency/start/<plan>")
@policy(SIGNED_IN)
def send_start(plan: str) -> Any:
    """Start it, or be led to what runs already."""
    core = city().core
    definition = _definition(plan)
    form = _form(definition)
    world = _world()
    sent = uploads.read(core, form)
    posted = form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
    answers = {k: v for k, v in uploads.answers(form, sent, posted).items() if v is not None}
    try:
        uploads.check(form, sent, answers)
        form.validate(answers)
        reply = starting.start(
            core,
            plan,
            answers,
            g.actor,
            key=request.form.get("idempotency_key", "")[:100] or None,
            accepted=[f for some in sent.by_field.values() for f in some],
            source_case=_source_case(),
            world_id=world,
        )
    except InvalidAnswers as error:
        return make_response(_start_page(definition, answers, error, sent), 422)
    if reply.get("joined"):
        flash(
            t(
                f"本预案已由他人启动（{reply['number']}），您填写的内容已并入，双方均已告知。",
                f"Somebody else has started this plan ({reply['number']}): what you wrote was joined to it, and both of you are told.",
            ),
            "warn",
        )
    else:
        flash(t(f"已启动，编号 {reply['number']}。", f"Started. The number is {reply['number']}."))
    return redirect(url_for("emergency.room", instance_id=reply["instance"]), 303)


@page.get("/emergency/<int:instance_id>")
@policy(SIGNED_IN)
def room(instance_id: int) -> str:
    """The live board. `?wall=1`: for a screen on the wall."""
    core = city().core
    found = board.read(core, g.actor, instance_id)
    whole = cases.case(core, g.actor, instance_id)
    definition = definitions.get(core, found.case["definition_id"])
    with core.db.read() as connection:
        hidden = hidden_facts(connection)
    whole.history[:] = [row for row in whole.history if not _is_quiet(row)]
    entries = history(whole, definition, hidden)[::-1][:LINES]
    names().learn([row["actor_id"] for row in found.decisions])
    return render_template(
        "emergency_room.html",
        board=found,
        row=found.case,
        plan=plans.Plan(found.case["key"], _row(found.case), deployed=True),
        wall=request.args.get("wall") == "1",
        entries=entries,
        few=FEW,
        tell=telling_emergencies,
        node_name=node_name,
        signers={one.level: one for one in plans.signers(core, found.case["key"])},
    )


# ---------------------------------------------------------------- inside


def _is_quiet(row: dict[str, Any]) -> bool:
    """What the timeline leaves out; a signature stands beside the act that it signs."""
    return row["kind"] in QUIET or (row["data"] or {}).get("purpose") == signature.PURPOSE


def _row(case: dict[str, Any]) -> dict[str, Any]:
    """The plan's row; of a case of another process, whose board is just as true, its process' name."""
    name = process_name(case["definition_id"])
    return plans.rows(city().core).get(case["key"]) or {"name_zh": name, "name_en": name}


def _definition(plan: str) -> Definition:
    plans.get(city().core, plan)
    access.check_power(g.actor, plans.POWER, "启动预案", "start a plan")
    definition = check_can_start(city().core, g.actor, plan)
    _form(definition)
    return definition


def _may_start(plan: str) -> bool:
    return plans.POWER in g.actor.powers and access.can(check_can_start, city().core, g.actor, plan)


def _form(definition: Definition) -> Form:
    short = definition.forms.get(STREET)
    node = definition.entrances[0] if definition.entrances else None
    found = short or (definition.form_of(node) if node is not None else None)
    if found is None:
        raise NotFound(what="form")
    return found


def _source_case() -> int | None:
    text = request.values.get("source_case", "") or request.values.get("case", "")
    return int(text) if text.isdecimal() and len(text) < 20 else None


def _world() -> int:
    """The drill that it is started in; else the live world."""
    text = request.values.get("drill", "")
    if not text:
        return LIVE
    found = drills.get(city().core, g.actor, int(text) if text.isdecimal() and len(text) < 10 else 0)
    if found.is_over:
        raise NotFound(what="drill")
    drilling.say(found.world)
    return found.world.id


def _start_page(
    definition: Definition,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
) -> str:
    core = city().core
    form = _form(definition)
    world = _world()
    source = _source_case()
    asked = {name: value for name, value in values.items() if name in form.editable}
    return render_template(
        "emergency_start.html",
        plan=plans.Plan(definition.key, plans.get(core, definition.key), deployed=True),
        drawn=draw(form, asked, error, sent.words() if sent is not None else None),
        problems=error.problems if error is not None else [],
        signers=plans.signers(core, definition.key),
        running=plans.running(core, definition.key, world),
        source=cases.row(core, g.actor, source) if source is not None else None,
        drill=world if world != LIVE else None,
        level=telling_emergencies.level,
    )
