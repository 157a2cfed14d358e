"""Why may somebody not do this? For those who are called when a page says no: whom, which page, and each rule with what was found."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from engine import explaining, people
from engine.acts import catalogue
from engine.audit import recording
from engine.errors import NotFound
from engine.explaining import Finding
from engine.people import Actor
from engine.queries.cases import by_number
from engine.tables.columns import LARGEST_ID
from web.auth import city
from web.policies import PUBLIC, SIGNED_IN, policy, policy_of
from web.texts import t

page = Blueprint("why", __name__)

ACTS_OF_TASKS = (
    *("claim", "release", "sign", "save", "complete", "fail", "transfer", "delegate", "recall", "resolve"),
    *("back", "back_any", "back_start", "reject", "add_before", "add_beside", "add_after"),
)
"""Acts that are explained, by their words in the catalogue."""

ACTS = ("view", *(key for key in ACTS_OF_TASKS if key in catalogue.ACTS))


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know about: whom, where, which act."""

    login: str
    where: str
    act: str


@page.get("/why")
@policy("secure", "administer", "operate")
def why() -> str:
    """Ask, and be told."""
    asked = Asked(
        request.args.get("login", "").strip()[:64],
        request.args.get("where", "").strip()[:300],
        request.args.get("act", "view") if request.args.get("act") in ACTS else "view",
    )
    findings = _explain(asked) if asked.login and asked.where else None
    return render_template(
        "why.html",
        asked=asked,
        acts=[(key, _act_words(key)) for key in ACTS],
        findings=findings,
        allowed=findings is not None and explaining.allowed(findings),
    )


def _explain(asked: Asked) -> list[Finding]:
    core = city().core
    with core.db.write() as connection:  # who asked about whom is itself worth knowing
        recording.record(
            core,
            connection,
            recording.reading(g.actor.id),
            "asked_why",
            actor=g.actor,
            about=f"login:{asked.login}",
            data={"where": asked.where, "act": asked.act},
        )
    found = explaining.account(core, asked.login)
    if not explaining.allowed(found):
        return found
    with core.db.read() as connection:
        actor = people.load_actor(connection, asked.login)
    try:
        return found + _place(asked, actor)
    except NotFound:
        return [*found, Finding("有此页面、案件或任务", "There is such a page, case or task", kept=False)]


def _place(asked: Asked, actor: Actor) -> list[Finding]:
    """What `where` names: a task, a case by its number, or the address of a page."""
    core = city().core
    where = asked.where
    first, dot, second = where.partition(".")
    if dot and first.isdecimal() and second.isdecimal():
        return _task(where, asked.act, actor)
    if not where.startswith("/") and "://" not in where:
        return explaining.seeing(core, actor, by_number(core, where))
    endpoint, arguments = _route(urlsplit(where).path)
    found = _policy(actor, endpoint)
    if "ref" in arguments:
        return found + _task(str(arguments["ref"]), asked.act, actor)
    instance_id = arguments.get("instance_id", arguments.get("instance"))
    if instance_id is not None:
        asked_of = int(str(instance_id))
        found += explaining.seeing(core, actor, 0 if explaining.hidden(core, g.actor, asked_of) else asked_of)
    return found


def _task(ref: str, act: str, actor: Actor) -> list[Finding]:
    core = city().core
    first = ref.partition(".")[0]
    if first.isdecimal() and len(first) < 20 and explaining.hidden(core, g.actor, min(int(first), LARGEST_ID)):
        ref = "0.0"
    return explaining.working(core, actor, ref, act)


def _policy(actor: Actor, endpoint: str) -> list[Finding]:
    names = policy_of(current_app, endpoint) or ()
    if PUBLIC in names:
        return [Finding("任何人都可打开此页", "Anybody may open this page", kept=True)]
    if SIGNED_IN in names:
        return [Finding("登录后即可打开此页", "Whoever is logged in may open this page", kept=True)]
    return explaining.powers(city().core, actor, names)


def _route(path: str) -> tuple[str, dict[str, object]]:
    adapter = current_app.url_map.bind("")
    for method in ("GET", "POST"):
        try:
            endpoint, arguments = adapter.match(path, method=method)
        except RequestRedirect as moved:
            return _route(urlsplit(moved.new_url).path)
        except HTTPException:
            continue
        return endpoint, dict(arguments)
    raise NotFound(what="page")


def _act_words(act: str) -> str:
    if act == "view":
        return t("打开、查看", "open, look at")
    known = catalogue.ACTS[act]
    return t(known.zh, known.en)
