"""The inbox: what is mine, what my unit may take, what is due soon, what is late."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from engine.queries import inbox as reading
from engine.queries.inbox import DEPTH, TABS, Sort, Tab, Wanted
from escalation import lights
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import now
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("inbox", __name__)

PAGE_SIZE = 25


@page.get("/inbox")
@policy(SIGNED_IN)
def inbox() -> str:
    """One tab of the inbox, one page of it."""
    core = city().core
    counts = reading.counts(core, g.actor, now())
    wanted = _wanted(counts)
    found = reading.page(core, g.actor, wanted, now())
    return render_template(
        "inbox.html",
        tabs=[(tab, label, counts[tab]) for tab, label in _tabs()],
        wanted=wanted,
        kinds=_kinds(),
        rows=found.rows,
        more=found.more,
        lights=lights.of_tasks(core, found.rows, now(), locale()),
        node_name=node_name,
        depth=DEPTH,
        partial=wanted.sort is not Sort.DUE and counts[wanted.tab] >= DEPTH,
    )


def _tabs() -> list[tuple[Tab, str]]:
    return [
        (Tab.MINE, t("我的", "Mine")),
        (Tab.UNIT, t("本单位待领", "My unit's")),
        (Tab.SOON, t("临期", "Due soon")),
        (Tab.LATE, t("超时", "Overdue")),
    ]


def _wanted(counts: dict[Tab, int]) -> Wanted:
    asked: Any = request.args
    # Without a wish: where there is something to do.
    usual = Tab.UNIT if counts[Tab.UNIT] and not counts[Tab.MINE] else Tab.MINE
    tab = Tab(asked["tab"]) if asked.get("tab") in TABS else usual
    process, _, node = asked.get("kind", "").partition(".")
    return Wanted(
        tab=tab,
        text=asked.get("q", "").replace("\x00", "").strip()[:100],
        process=process or None,
        node=node or None,
        sort=Sort(asked["sort"]) if asked.get("sort") in list(Sort) else Sort.DUE,
        page=max(1, asked.get("page", 1, type=int)),
        size=PAGE_SIZE,
    )


def _kinds() -> list[tuple[str, str]]:
    return [
        (f"{d.key}.{node.id}", f"{node.names.text(locale()) or node.id} · {d.names.text(locale())}")
        for d, node in reading.kinds(city().core, g.actor)
    ]
