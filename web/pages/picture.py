"""The live picture of a process: where work waits and is late, how often each way was taken, how long steps took; each number opens to its
cases. A reader's numbers are of the cases that they see, in the live world; in a large city as a worker counted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from sqlalchemy import ColumnElement

from engine import access, definitions
from engine.definitions import Definition
from engine.errors import NotFound
from engine.queries import deployed, flow_waits, flows, listing
from engine.queries.flows import Asked
from engine.queries.listing import Wanted
from engine.worlds import World
from escalation.kept.keeping import Counting
from escalation.picture import figures
from escalation.picture.figures import LATE, PASSED, TIME, WAITING, Read
from web import heat, heat_drawing, periods
from web.auth import city
from web.heat import SHOWS
from web.pages.case_list import PAGE_SIZE, told
from web.periods import Chosen
from web.policies import SIGNED_IN, policy
from web.texts import locale, t

page = Blueprint("picture", __name__)

ALL = "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """What an address asks for: the version that is drawn, whose cases are counted, and of when."""

    row: Mapping[str, Any]
    every: list[dict[str, Any]]
    mixed: bool
    definition: Definition
    world: World
    period: Chosen
    asked: Asked
    show: str

    @property
    def query(self) -> dict[str, Any]:
        """The same as an address says it."""
        return {"version": ALL if self.mixed else self.row["version"], **self.period.asked}


@page.get("/definitions/<key>/picture")
@policy(SIGNED_IN, inline_styles=True)
def picture(key: str) -> str:
    """The diagram with its numbers, and the same as tables."""
    shown = _shown(key)
    read = figures.read(city().core, g.actor, shown.asked, shown.world.now)
    nodes, ways = heat.elements(shown.definition.model, read.figures)
    links = {
        (one.id, show): url_for("picture.cases", key=key, element=one.id, show=show, **shown.query)
        for one in (*nodes, *ways)
        for show in SHOWS
    }
    return render_template(
        "picture.html",
        shown=shown,
        key=key,
        nodes=[one for one in nodes if heat.is_main(one)],
        rest=[one for one in nodes if not heat.is_main(one)],
        ways=[one for one in ways if one.passed],
        links=links,
        badges=heat.badges((*nodes, *ways), links),
        read=read,
        whole=_whole(read),
        shows=SHOWS,
        means=heat.MEANS,
        diagram_name=_diagram(shown.definition.id)[0],
        length=heat.length,
        amount=heat.amount,
        waited=lambda since: heat.waited(since, read.at or shown.world.now),
        scoped=access.SEE_ALL not in g.actor.powers,
    )


@page.get("/definitions/<key>/picture.svg")
@policy(SIGNED_IN)
def drawn(key: str) -> Response:
    """The same picture as one file, without a script."""
    shown = _shown(key)
    read = figures.read(city().core, g.actor, shown.asked, shown.world.now)
    if read.is_missing:
        raise Counting
    nodes, ways = heat.elements(shown.definition.model, read.figures)
    numbers: dict[str, tuple[str, int]] = {}
    for one in heat.badges((*nodes, *ways), _NoLinks()):
        number = one["shown"].get(shown.show)
        if number is not None:
            numbers[one["id"]] = ("" if one["quiet"] else number["text"], number["level"])
    title = f"{shown.definition.names.text(locale())} · {t(*SHOWS[shown.show])}"
    places = heat_drawing.places(_diagram(shown.definition.id)[1])
    return Response(heat_drawing.draw(shown.definition.model, places, numbers, title), mimetype="image/svg+xml")


@page.get("/definitions/<key>/picture/cases")
@policy(SIGNED_IN)
def cases(key: str) -> str:
    """The cases behind a number."""
    shown = _shown(key)
    element = request.args.get("element", "").replace("\x00", "")[:100]
    read = figures.kept(city().core, g.actor, shown.asked)
    if read is not None and read.is_missing:
        raise Counting
    times, which = _behind(shown, element) if read is None else _kept(shown, read, element)
    wanted = Wanted(
        world=shown.asked.world,
        **which,
        page=max(1, min(100_000, request.args.get("page", 1, type=int))),
        size=PAGE_SIZE,
    )
    found = listing.page(city().core, g.actor, wanted)
    model = shown.definition.model
    return render_template(
        "picture_cases.html",
        shown=shown,
        key=key,
        name=heat.name_of(model, element),
        times=times,
        found=found,
        wanted=wanted,
        shows=SHOWS,
        means=heat.MEANS,
        read=read,
        most=figures.MOST,
        **told(found.rows, shown.world),
    )


# ---------------------------------------------------------------- inside


class _NoLinks(dict[tuple[str, str], str]):
    def __missing__(self, key: tuple[str, str]) -> str:
        return ""


def _shown(key: str) -> Shown:
    core = city().core
    every = deployed.versions_of(core, key)
    wanted = request.args.get("version", "")
    mixed = wanted == ALL
    row = every[0]
    if wanted and not mixed:
        found = next((one for one in every if str(one["version"]) == wanted), None)
        if found is None:
            raise NotFound(what="version of the process")
        row = found
    world = city().world()
    period = periods.chosen(world)
    asked = Asked(key, period.since, period.until, None if mixed else row["id"], world.id)
    show = request.args.get("show", WAITING)
    definition = definitions.get(core, row["id"])
    return Shown(row, every, mixed, definition, world, period, asked, show if show in SHOWS else WAITING)


def _whole(read: Read) -> dict[str, int]:
    """Sums over the diagram."""
    now = read.figures.now.values()
    return {
        "waiting": sum(one.waiting for one in now),
        "late": sum(one.late for one in now),
        "untold": sum(read.figures.passed.untold.values()),
    }


def _kept(shown: Shown, read: Read, element: str) -> tuple[int, dict[str, Any]]:
    """How many a number says, and the newest of its cases, as a worker counted them."""
    return read.figures.of(shown.show, element), {"among": figures.behind(city().core, read, shown.show, element)}


def _behind(shown: Shown, element: str) -> tuple[int, dict[str, Any]]:
    """How many a number says, and its cases."""
    times, condition = _now(shown, element)
    return times, {"more": (condition, *flows.of_process(shown.asked))}


def _now(shown: Shown, element: str) -> tuple[int, ColumnElement[bool]]:
    core, actor, asked = city().core, g.actor, shown.asked
    if shown.show == PASSED:
        return flows.went_over(core, actor, asked, element)
    with core.db.read() as connection:
        if shown.show == TIME:
            lasted = flows.lasted(core, actor, asked).get(element)
            return lasted.times if lasted is not None else 0, flows.was_done(asked, connection, element)
        now = shown.world.now
        one = flow_waits.waiting(core, actor, asked, now).get(element, flow_waits.Waiting())
        late = shown.show == LATE
        condition = flow_waits.waits_at(core, connection, asked, element, late_at=now if late else None)
        return one.late if late else one.waiting, condition


def _diagram(definition_id: int) -> tuple[str, bytes]:
    files = definitions.files_of(city().core, definition_id)
    return next((name, content) for name, content in files.items() if name.endswith(".bpmn"))
