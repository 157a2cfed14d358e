"""城管通: the page for collectors and crews in the street. Report, verify, handle and check with a few taps; what is written without a
connection stays on the phone and is sent when there is one again (`web/frontend/src/street.ts`). Every page works without a script."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import generate_csrf

from engine import access, definitions, four_eyes, registers, settings, worlds
from engine.acts.signature import stamp_of
from engine.bpmn.runtime.held import SIGNER
from engine.definitions import Definition
from engine.errors import Invalid, NotAllowed, NotFound
from engine.privacy import hidden_facts
from engine.queries import inbox
from engine.queries.inbox import Tab, Wanted
from engine.queries.starting import check_can_start
from engine.queries.tasks import UserTask, user_task
from escalation import lights
from forms.errors import InvalidAnswers
from forms.form import Form
from web import far_places, signing, uploads
from web.assets import DIST, Assets
from web.auth import city
from web.drawing import draw
from web.errors import sentence
from web.policies import PUBLIC, SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name
from web.telling_facts import overview, tell
from web.texts import locale, t

page = Blueprint("street", __name__, url_prefix="/street")

ROWS = 30
PAGES_OWN = ("csrf_token", "idempotency_key")
DEFAULTS: dict[str, Any] = {
    "street_process": "case_dispatch",
    "street_form": "street",
    "street_source": "collector",
    "street_usual": [],
}
"""As in the settings of the city shipped (processes/tables/settings.csv)."""
_ASSETS = Assets()


@page.get("/")
@policy(SIGNED_IN)
def home() -> str:
    """My tasks, the most urgent first, and one large button to report."""
    core = city().core
    found = inbox.page(core, g.actor, Wanted(tab=Tab.ALL, size=ROWS), now())
    return render_template(
        "street_home.html",
        rows=[row for row in found.rows if not row["barred"]],
        more=found.more,
        lights=lights.of_tasks(core, found.rows, now(), locale()),
        node_name=node_name,
        can_report=access.can(check_can_start, core, g.actor, _process()) and _report_form() is not None,
    )


@page.get("/report")
@policy("report")
def report() -> str:
    """Report what one stands in front of."""
    return _report_page({})


@page.post("/report")
@policy("report")
def send_report() -> Any:
    """Make a case of it."""
    core = city().core
    definition = check_can_start(core, g.actor, _process())
    form = _report_form()
    if form is None:
        raise NotFound(what="form")
    sent = uploads.read(core, form)
    answers = uploads.answers(
        form, sent, form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
    )
    answers = {name: value for name, value in answers.items() if value is not None}
    try:
        uploads.check(form, sent, answers)
        far_places.check(core, form, answers)
        form.validate(answers)
        started = city().start(
            definition.key,
            {"source": _asked("street_source"), **answers},
            g.actor.id,
            idempotency_key=_key(),
            accepted=[f for some in sent.by_field.values() for f in some],
        )
    except InvalidAnswers as error:
        if _wants_json():
            raise
        return make_response(_report_page(answers, error, sent), 422)
    number = city().instance(started)["number"]
    return _done(t(f"已上报，编号 {number}。", f"Reported. The number is {number}."))


@page.get("/tasks/<ref>")
@policy(SIGNED_IN)
def task(ref: str) -> Any:
    """One task, on one screen."""
    found = user_task(city().core, g.actor, ref)
    if not found.is_open:
        flash(t("这项任务已经办完或被取消。", "This task is done or was cancelled."), "warn")
        return redirect(url_for("street.home"))
    return _task_page(found, found.known)


@page.post("/tasks/<ref>")
@policy(SIGNED_IN)
def complete(ref: str) -> Any:
    """Hand it in."""
    core = city().core
    found = user_task(core, g.actor, ref)
    form = found.form
    answers: dict[str, Any] = {}
    sent = uploads.Sent()
    try:
        if form is not None:
            # sent again because the answer was lost, it must be the same request: with its photos
            sent = uploads.read(core, form) if found.is_open or _key() else sent
            posted = form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
            posted = {k: v for k, v in posted.items() if v is not None or found.known.get(k) is not None}
            answers = uploads.answers(form, sent, posted)
            uploads.check(form, sent, answers, found.known)
        files = [f for some in sent.by_field.values() for f in some]
        signed = signing.read(core, g.actor) if found.node.settings.signature is not None else None
        city().complete(ref, answers, g.actor.id, idempotency_key=_key(), accepted=files, signed=signed)
    except InvalidAnswers as error:
        if _wants_json():
            raise
        return make_response(_task_page(found, {**found.known, **answers}, error, sent), 422)
    except (Invalid, NotAllowed) as error:
        if _wants_json() or not found.is_open:
            raise
        page_again = _task_page(found, {**found.known, **answers}, None, sent, wrong=sentence(error))
        return make_response(page_again, error.status)
    name = node_name(found.row["definition_id"], found.row["node"])
    return _done(t(f"“{name}”已提交。", f"“{name}” is done."))


@page.get("/token")
@policy(SIGNED_IN)
def token() -> Response:
    """What a form that was kept on the phone needs to be sent now: whose session this is, and its CSRF token."""
    return jsonify(person=g.actor.id, csrf=generate_csrf())


@page.get("/worker.js")
@policy(PUBLIC)
def worker() -> Response:
    """The service worker. Its address must lie in front of the pages it serves."""
    address = _ASSETS.url("street_worker.js")
    if not address:
        raise NotFound(what="file")
    script = (DIST / address.removeprefix("/static/dist/")).read_bytes()
    response = make_response(script, {"Content-Type": "text/javascript; charset=utf-8"})
    response.headers["Cache-Control"] = "no-cache"
    return response


@page.get("/app.webmanifest")
@policy(PUBLIC)
def manifest() -> Response:
    """So that it can stand on a phone's home screen."""
    response = jsonify(
        name=t("联动城管通", "Liandong in the street"),
        short_name=t("城管通", "Street"),
        start_url=url_for("street.home"),
        scope=url_for("street.home"),
        display="standalone",
        background_color="#f4f6f8",
        theme_color="#1f4e8c",
        icons=[{"src": url_for("static", filename="mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    )
    response.mimetype = "application/manifest+json"
    return response


# ---------------------------------------------------------------- inside


def _asked(name: str) -> Any:
    if "street_settings" not in g:
        with city().core.db.read() as connection:
            g.street_settings = settings.read(connection, DEFAULTS)
    return g.street_settings[name]


def _process() -> str:
    return str(_asked("street_process"))


def _definition() -> Definition:
    return definitions.newest(city().core, _process())


def _report_form() -> Form | None:
    """The short form of the process, named by a setting; none where it has none."""
    return _definition().forms.get(str(_asked("street_form")))


def _report_page(values: dict[str, Any], error: InvalidAnswers | None = None, sent: uploads.Sent | None = None) -> str:
    core = city().core
    check_can_start(core, g.actor, _process())
    form = _report_form()
    if form is None:
        raise NotFound(what="form")
    areas = [
        {"key": row["key"], "lat": row["lat"], "lon": row["lon"]}
        for row in registers.rows(core, "areas")
        if row.get("lat") is not None and row.get("kind") == "community"
    ]
    return render_template(
        "street_report.html",
        title=form.title.of(locale()),
        drawn=draw(form, values, error, sent.words() if sent is not None else None),
        problems=error.problems if error is not None else [],
        areas=areas,
        usual=_asked("street_usual"),
    )


def _task_page(
    found: UserTask,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
    *,
    wrong: str = "",
) -> str:
    core = city().core
    form = found.form
    with core.db.read() as connection:
        hidden = hidden_facts(connection) | found.unseen
    barred = four_eyes.barred(
        core, [{**found.row, "process": found.case["key"]}], g.actor, worlds.get(core, found.row["world_id"])
    )
    theirs = access.is_offered(g.actor, found.row, found.case["key"])
    delegated = access.is_delegated(found.row)
    return render_template(
        "street_task.html",
        task=found,
        name=node_name(found.row["definition_id"], found.row["node"]),
        light=lights.of_tasks(core, [found.row], now(), locale())[found.row["instance_id"], found.row["id"]],
        told=overview(found.main, tell(found.main, found.seen, hidden)),
        drawn=draw(form, values, error, sent.words() if sent is not None else None) if form is not None else [],
        problems=error.problems if error is not None else [],
        wrong=wrong,
        can_work=theirs and not barred and not delegated,
        signs=found.node.settings.signature if found.row["role"] != SIGNER else None,
        has_stamp=found.node.settings.signature is not None and stamp_of(core, g.actor) is not None,
        owner=names().person(found.row["owner_id"]) if delegated and theirs else "",
        holder=names().person(found.row["assignee_id"]) if found.row["assignee_id"] else "",
        areas=[],
    )


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _done(words: str) -> Any:
    if _wants_json():
        return jsonify(done=words)
    flash(words)
    return redirect(url_for("street.home"), 303)


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
