"""A unit's desk: sign for what has come, say who does it, see who works on what, and what waits for the head."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import access
from engine.acts import assigning, receiving
from engine.errors import LiandongError, NotFound
from engine.organisation import rights, snapshot
from engine.queries import desk as reading
from engine.queries import inbox
from engine.queries.inbox import Tab, Wanted
from escalation import lights
from web.auth import city
from web.errors import sentence
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("desk", __name__)

MOST_AT_ONCE = 100


@page.get("/desk")
@policy(SIGNED_IN)
def desk() -> str:
    """The desk of one of the reader's units."""
    core = city().core
    with core.db.read() as connection:
        organised = rights.organised(connection, g.actor)
    units = reading.units(g.actor, organised)
    if not units:
        raise NotFound(what=t("单位", "unit"))
    own = [p.unit_id for p in g.actor.posts if p.unit_id in units]
    wanted = request.args.get("unit", type=int)
    unit_id = wanted if wanted in units else (own or units)[0]
    found = reading.desk(core, g.actor, unit_id, now())
    mine = inbox.page(core, g.actor, Wanted(tab=Tab.ALL, size=50), now()).rows if unit_id in organised else []
    shown = [*found.unsigned, *found.free, *found.taken, *mine]
    return render_template(
        "desk.html",
        unit_id=unit_id,
        units=units,
        found=found,
        heads=[row for row in mine if row["unit_id"] == unit_id and _is_heads(row)],
        may_assign=unit_id in organised,
        can_sign=any(access.is_offered(g.actor, row, row["process"]) for row in found.unsigned),
        signs=lambda row: access.is_offered(g.actor, row, row["process"]),
        lights=lights.of_tasks(core, shown, now(), locale()),
        node_name=node_name,
        most=reading.MOST,
        now=now(),
    )


@page.post("/desk/sign")
@policy(SIGNED_IN)
def sign() -> Response:
    """Sign for the tasks that were ticked."""
    done, refused = 0, []
    key = request.form.get("idempotency_key", "")[:80]
    for number, ref in enumerate(request.form.getlist("ref")[:MOST_AT_ONCE]):
        try:
            receiving.sign(city().core, ref[:60], g.actor.id, key=f"{key}:{number}" if key else None)
            done += 1
        except LiandongError as error:
            refused.append(sentence(error))
    if done:
        flash(t(f"已签收 {done} 件。", f"Signed for {done}."))
    for words in dict.fromkeys(refused):
        flash(words, "warn")
    if not done and not refused:
        flash(t("请先勾选要签收的任务。", "Tick what you sign for."), "warn")
    return _back()


@page.post("/desk/assign")
@policy(SIGNED_IN)
def assign() -> Response:
    """Say who does it."""
    to = request.form.get("to", type=int)
    if to is None:
        flash(t("请选择承办人。", "Choose who does it."), "bad")
        return _back()
    ref = request.form.get("ref", "")[:60]
    key = request.form.get("idempotency_key", "")[:100] or None
    assigning.assign(city().core, ref, to, g.actor.id, key=key)
    flash(t(f"已分派给{names().person(to)}。", f"Given to {names().person(to)}."))
    return _back()


def _back() -> Response:
    unit = request.form.get("unit", type=int)
    return redirect(url_for("desk.desk", unit=unit) if unit else url_for("desk.desk"), 303)


def _is_heads(row: dict[str, object]) -> bool:
    """Whether it waits for the post that heads the unit."""
    held = {p.post for p in g.actor.posts if p.unit_id == row["unit_id"]}
    return row["post_key"] in held and row["post_key"] in snapshot.of(city().core).heads
