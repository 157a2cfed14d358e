"""The home page of each kind of person: what waits for me, what is late, what changed, what I may start."""

from __future__ import annotations

from flask import Blueprint, g, render_template, url_for

from engine.access import SEE_ALL
from engine.organisation import changes, rights
from engine.queries import cases, inbox, notices, overview, rosters
from engine.queries.inbox import Tab, Wanted
from engine.queries.starting import Entrance, startable
from escalation import lights
from web.auth import city
from web.pages.organisation_changes import title_of
from web.pages.report import REPORT
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name, status
from web.telling_notices import BAD, about, notice, said
from web.texts import locale, t

page = Blueprint("home", __name__)

ROWS = 8


@page.get("/")
@policy(SIGNED_IN)
def home() -> str:
    """What waits for me."""
    core = city().core
    urgent = inbox.page(core, g.actor, Wanted(tab=Tab.ALL, size=ROWS), now())
    starts = startable(core, g.actor)
    mine = cases.newest(core, g.actor, mine=True, limit=ROWS) if starts else []
    powers = g.actor.powers
    lent = [one for one in rosters.substitutions(core, person_ids=[g.actor.id]) if one.state != "over"]
    changed = notices.newest(core, g.actor, limit=ROWS)
    names().learn(row["by_id"] for row in changed)
    names().learn({i for one in lent for i in (one.principal_id, one.substitute_id, one.made_by) if i is not None})
    with core.db.read() as connection:
        heads = bool(rights.organised(connection, g.actor))
    works = bool(urgent.rows or heads or inbox.serves(core, g.actor))
    return render_template(
        "home.html",
        works=works,
        in_the_street=works or {"report", "see_organisation"} <= powers,  # staff: citizens have the public pages
        heads=heads,
        counts=inbox.counts(core, g.actor, now()),
        urgent=urgent,
        lights=lights.of_tasks(core, urgent.rows, now(), locale()),
        starts=_starts(starts, [row["key"] for row in mine]),
        mine=mine,
        newest=cases.newest(core, g.actor, limit=ROWS) if SEE_ALL in powers else [],
        processes=overview.processes(core) if "design" in powers else [],
        troubles=overview.troubles(core) if "operate" in powers else None,
        changes=changes.listing(core, ("proposed",), limit=ROWS) if "secure" in powers else [],
        lent=lent,
        changed=changed,
        sentence=notice,
        said=said,
        bad=BAD,
        about=about,
        own_substitution=lambda one: g.actor.id in (one.principal_id, one.substitute_id),
        title_of=title_of,
        today=now(),
        greeting=_greeting(),
        node_name=node_name,
        status=status,
    )


def _starts(entrances: list[Entrance], used: list[str]) -> list[tuple[str, str, bool]]:
    """Title, address, and whether it is likely: what they started last comes first, then what people report; no other is put forward."""
    wonted = list(dict.fromkeys([*used, REPORT]))
    rank = {key: n for n, key in enumerate(wonted)}
    ordered = sorted(entrances, key=lambda one: rank.get(one.definition.key, len(wonted)))
    likely = ordered[0].definition.key in rank or len(ordered) == 1 if ordered else False
    return [
        (one.form.title.of(locale()), _start_address(one), likely and place == 0) for place, one in enumerate(ordered)
    ]


def _start_address(entrance: Entrance) -> str:
    key = entrance.definition.key
    if not entrance.usual:
        return url_for("report.start", process=key, start=entrance.node.id)
    return url_for("report.report") if key == REPORT else url_for("report.start", process=key)


def _greeting() -> str:
    posts = len(g.actor.posts)
    return t(f"{g.actor.name}，您好", f"Hello, {g.actor.name}") if posts else g.actor.name
