"""The public's own pages, without a log-in: report a problem, and get a receipt code. A page holds a signed ticket from which the code
follows, so that a report sent twice is one report with one code; the code is shown once and never kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, render_template, request
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from engine import registers
from engine.errors import NotFound
from engine.files import Accepted
from engine.public import codes, duplicates, holding, limits, reporting, terms
from engine.public.duplicates import Near
from engine.public.reporting import Draft
from forms.errors import InvalidAnswers, Problem
from forms.form import Form
from web import receipts, uploads
from web.auth import city
from web.drawing import Drawn, draw
from web.policies import PUBLIC, policy
from web.texts import locale, t

page = Blueprint("public", __name__)

PAGES_OWN = ("csrf_token", "ticket", "website", "same")
TICKET = "report"
GRIDS_ARE_FOR_STAFF = ("grid",)


@page.after_request
def never_kept(response: Response) -> Response:
    """Nothing of these pages stays in a cache."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@page.get("/public")
@policy(PUBLIC)
def home() -> str:
    """Where somebody of the public begins."""
    _terms()
    return shown("public_home.html")


@page.get("/public/report")
@policy(PUBLIC)
def report() -> str:
    """The form."""
    _terms()
    _, form = reporting.form_of(city().core)
    return _page(form, {}, receipts.fresh(TICKET))


@page.post("/public/report")
@policy(PUBLIC)
def send() -> Any:
    """Take it in: wrong answers come back with what is wrong; cases that may be the same are offered first; then the receipt."""
    _terms()
    core = city().core
    limits.check_post(core, address())
    _, form = reporting.form_of(core)
    ticket = receipts.brought(TICKET)
    sent = uploads.read(core, form)
    posted = form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN)
    answers = uploads.answers(form, sent, posted)
    if ticket is None:
        old = Problem("", "页面打开得太久，请再提交一次。", "The page was open too long; please send it again.")
        return make_response(_page(form, answers, receipts.fresh(TICKET), [old], sent), 422)
    try:
        uploads.check(form, sent, answers)
        draft = reporting.read(core, form, answers, _photos(sent), wechat="MicroMessenger" in request.user_agent.string)
    except InvalidAnswers as error:
        return make_response(_page(form, answers, ticket.word, error.problems, sent), 422)
    code = ticket.code
    with core.db.read() as connection:
        known = reporting.known(connection, codes.hash_of(code))
    said = receipts.digest(code, [draft.answers, draft.personal, sorted(file.hash for file in draft.photos)])
    if known is not None and receipts.is_another(code, said):
        again = Problem(
            "",
            "这份表单已经提交过，先前的上报已收到，查询码不再显示。下面是一份新的表单：如果是另一件事，请再点一次提交。",
            "This form was sent already: that report was received, and its receipt code is not shown again. "
            "Below is a new form: if this is another problem, send it once more.",
        )
        return make_response(_page(form, answers, receipts.fresh(TICKET), [again], sent), 409)
    same = request.form.get("same", "")
    if known is None and not same and (found := duplicates.near(core, draft.answers)):
        return _offer(found, draft, sent)
    state = str(known["state"]) if known is not None else _take(code, draft, ticket, same)
    receipts.remember(code, said)
    return _receipt(code, state)


# ---------------------------------------------------------------- shared by the pages of the public


def shown(template: str, **values: Any) -> str:
    """A page of the public: whoever is logged in, it looks as anybody sees it."""
    return render_template(template, actor=None, **values)


def address() -> str:
    """Where a request comes from: counted, hashed with a key, never kept."""
    return request.remote_addr or ""


def topic_word(value: str) -> str:
    """A kind of problem in words."""
    _, form = reporting.form_of(city().core)
    spec = form.properties.get("topic")
    found = next((c for c in spec.choices or () if c.value == value), None) if spec is not None else None
    return found.title.of(locale()) if found is not None else ""


def without_grids(drawn: dict[str, Drawn]) -> dict[str, Drawn]:
    """The public knows communities and villages; grids are how the city cuts them up."""
    area = drawn.get("area")
    if area is None or not area.options:
        return drawn
    kinds = {r["key"]: r.get("kind") for r in registers.rows(city().core, "areas")}
    left = tuple(one for one in area.options if kinds.get(one.value) not in (*GRIDS_ARE_FOR_STAFF, "city"))
    return {**drawn, "area": replace(area, options=left)}


# ---------------------------------------------------------------- inside


def _terms() -> dict[str, Any]:
    with city().core.db.read() as connection:
        found = terms.read(connection)
    terms.check_open(found)
    return found


def _photos(sent: uploads.Sent) -> list[Accepted]:
    return [file for some in sent.by_field.values() for file in some]


def _page(
    form: Form,
    values: dict[str, Any],
    ticket: str,
    problems: list[Problem] | tuple[Problem, ...] = (),
    sent: uploads.Sent | None = None,
) -> str:
    drawn = {one.field.name: one for one in draw(form, values, problems, sent.words() if sent is not None else None)}
    notice = _terms()["public_notice"]
    return shown(
        "public_report.html",
        drawn=without_grids(drawn),
        ticket=ticket,
        problems=problems,
        notice=notice.get(locale()) or notice.get("zh", ""),
    )


def _offer(found: list[Near], draft: Draft, sent: uploads.Sent) -> str:
    fields = [(k, v) for k, values in request.form.lists() for v in values if k not in ("csrf_token", "same")]
    fields = [(k, v) for k, v in fields if not k.startswith(uploads.KEPT)]
    fields += [(uploads.KEPT + name, word) for name, some in sent.words().items() for word, _ in some]
    signer = receipts.signer("public-join")
    return shown(
        "public_near.html",
        fields=fields,
        offered=[(str(signer.dumps(one.instance_id)), one, topic_word(one.topic)) for one in found],
        draft=draft,
    )


def _take(code: str, draft: Draft, ticket: receipts.Ticket, same: str) -> str:
    core = city().core
    phone = next((str(v) for name, (of, v) in draft.personal.items() if of == "contact" and name), None)
    limits.check_report(core, address(), phone)
    why = holding.reasons(core, draft, address(), ticket.seconds, trapped=bool(request.form.get("website")))
    joined = None
    if same not in ("", "new") and not why:
        try:
            joined = int(receipts.signer("public-join").loads(same))
        except (BadSignature, ValueError):
            joined = None
    state = (joined and _join(code, draft, joined)) or reporting.submit(core, code, draft, why)
    limits.note_report(core, address(), phone)
    return state


def _join(code: str, draft: Draft, instance_id: int) -> str | None:
    """None when the case is no longer one to join: it was closed meanwhile."""
    try:
        return reporting.join(city().core, code, draft, instance_id)
    except NotFound:
        return None


def _receipt(code: str, state: str) -> str:
    return shown(
        "public_receipt.html",
        code=code,
        spaced=codes.spaced(code),
        qr=receipts.qr(code),
        joined=state == reporting.JOINED,
        title=t("已收到您的上报", "Your report was received"),
    )
