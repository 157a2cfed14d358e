"""Apply for a permit without a log-in: what may be applied for and what is needed, the form, a page to look it over on which conflicts
show, and the receipt code. It works without a script; the same form sent twice is one application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, make_response, request

from engine import registers
from engine.files import Accepted
from engine.public import applied, applying, codes, limits
from engine.public.applying import Kind
from engine.public.terms import check_open
from engine.public.terms import read as read_terms
from forms.errors import InvalidAnswers, Problem
from web import receipts, uploads
from web.auth import city
from web.drawing import draw
from web.pages.application import told
from web.pages.public import address, never_kept, shown, without_grids
from web.policies import PUBLIC, policy
from web.telling_facts import text_of
from web.telling_permits import met, term_words
from web.texts import locale

page = Blueprint("apply", __name__)
page.after_request(never_kept)

PAGES_OWN = ("csrf_token", "ticket", "website", "confirmed", "back")
TICKET = "application"
TERMS = "permit_terms"


@page.get("/apply")
@policy(PUBLIC)
def listing() -> str:
    """What may be applied for."""
    _check_open()
    return shown("apply.html", kinds=[_told(one) for one in applying.kinds(city().core)])


@page.get("/apply/<process>")
@policy(PUBLIC)
def form(process: str) -> str:
    """What is needed, the limits that bind the office, and the form."""
    _check_open()
    return _page(_kind(process), {}, receipts.fresh(TICKET))


@page.post("/apply/<process>")
@policy(PUBLIC)
def send(process: str) -> Any:
    """Wrong answers come back with what is wrong; then the page to look it over; then the receipt."""
    _check_open()
    core = city().core
    limits.check_post(core, address())
    kind = _kind(process)
    ticket = receipts.brought(TICKET)
    sent = uploads.read(core, kind.form)
    posted = kind.form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN)
    answers = uploads.answers(kind.form, sent, posted)
    if ticket is None:
        old = Problem("", "页面打开得太久，请再提交一次。", "The page was open too long; please send it again.")
        return make_response(_page(kind, answers, receipts.fresh(TICKET), [old], sent), 422)
    try:
        uploads.check(kind.form, sent, answers)
        given = applying.read(core, kind, answers, _files(sent))
    except InvalidAnswers as error:
        return make_response(_page(kind, answers, ticket.word, error.problems, sent), 422)
    if "back" in request.form:
        return _page(kind, answers, ticket.word, sent=sent)
    code = ticket.code
    with core.db.read() as connection:
        there = applying.known(connection, codes.hash_of(code)) is not None
    said = receipts.digest(code, [process, given.answers, given.personal, sorted(one.hash for one in given.files)])
    if there and receipts.is_another(code, said):
        again = Problem(
            "",
            "这份表单已经提交过，先前的申请已收到，查询码不再显示。下面是一份新的表单：如果是另一项申请，请再提交一次。",
            "This form was sent already: that application was received, and its receipt code is not shown again. "
            "Below is a new form: if this is another application, send it once more.",
        )
        return make_response(_page(kind, answers, receipts.fresh(TICKET), [again], sent), 409)
    if not there and "confirmed" not in request.form:
        return _confirm(kind, given, sent)
    if not there:
        _take(code, kind, given)
    receipts.remember(code, said)
    return shown(
        "apply_receipt.html",
        code=code,
        spaced=codes.spaced(code),
        qr=receipts.qr(code),
        kind=_told(kind),
        process=process,
        told=told(applied.follow(core, codes.hash_of(code))),
        more_to_tell=bool(kind.says.get("tells")),
    )


# ---------------------------------------------------------------- inside


def _check_open() -> None:
    with city().core.db.read() as connection:
        check_open(read_terms(connection))


def _kind(process: str) -> Kind:
    return applying.kind_of(city().core, process)


def _told(kind: Kind) -> dict[str, Any]:
    """Something that may be applied for, in words."""
    english = locale() == "en"

    def word(name: str) -> str:
        return str(kind.says.get(f"{name}_{'en' if english else 'zh'}") or kind.says.get(f"{name}_zh") or "")

    return {
        "process": kind.process,
        "title": kind.form.title.of(locale()),
        "lead": word("lead"),
        "notice": word("notice"),
        "needs": [str(one.get("en" if english else "zh") or one.get("zh", "")) for one in kind.says.get("needs", [])],
        "terms": _terms(kind),
    }


def _terms(kind: Kind) -> list[tuple[str, str, str]]:
    """The limits of this permit that count: name, how long, article. Those of the register of terms that the city chose to show."""
    core = city().core
    wanted = kind.says.get("terms", [])
    if not wanted:
        return []
    english = locale() == "en"
    found = []
    for row in registers.rows(core, TERMS):
        if (
            row.get("permit") == kind.says.get("permit", kind.process)
            and row.get("term") in wanted
            and row.get("applies", True)
        ):
            name, article = (
                row.get(f"{k}_en" if english else z) for k, z in (("name", "name_zh"), ("article", "article"))
            )
            found.append((wanted.index(row["term"]), str(name or ""), term_words(row), str(article or "")))
    return [each[1:] for each in sorted(found)]


def _page(
    kind: Kind,
    values: Mapping[str, Any],
    ticket: str,
    problems: Sequence[Problem] = (),
    sent: uploads.Sent | None = None,
) -> str:
    drawn = {one.field.name: one for one in draw(kind.form, values, problems, sent.words() if sent else None)}
    return shown(
        "apply_form.html",
        kind=_told(kind),
        drawn=list(without_grids(drawn).values()),
        ticket=ticket,
        problems=problems,
        begun=bool(values),
    )


def _confirm(kind: Kind, given: applying.Application, sent: uploads.Sent) -> str:
    """Everything once more, and what is already asked for or held at that place in that time."""
    fields = [
        (k, v) for k, values in request.form.lists() for v in values if k not in ("csrf_token", "confirmed", "back")
    ]
    fields = [(k, v) for k, v in fields if not k.startswith(uploads.KEPT)]
    fields += [(uploads.KEPT + name, word) for name, some in sent.words().items() for word, _ in some]
    values = {**given.answers, **{name: value for name, (_, value) in given.personal.items()}}
    rows = []
    for name, one in kind.form.properties.items():
        names = [file.name for file in sent.by_field.get(name, ())]
        text = "、".join(names) if names else text_of(one, values.get(name))
        if (text and one.control not in ("hidden", "photo", "file", "signature")) or names:
            rows.append((one.title.of(locale()), text))
    conflicts = [met(one) for one in applying.meets(city().core, kind, given.answers)]
    return shown("apply_confirm.html", kind=_told(kind), rows=rows, fields=fields, conflicts=conflicts)


def _take(code: str, kind: Kind, given: applying.Application) -> None:
    core = city().core
    if request.form.get("website"):  # no person sees this field
        raise limits.TooOften
    phone = next((str(value) for of, value in given.personal.values() if of == "contact"), None)
    limits.check_report(core, address(), phone)
    applying.submit(core, code, kind, given)
    limits.note_report(core, address(), phone)


def _files(sent: uploads.Sent) -> list[Accepted]:
    return [file for some in sent.by_field.values() for file in some]
