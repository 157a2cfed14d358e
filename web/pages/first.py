"""The first start: who has the code that the program told makes the three administrators. When somebody can log in, there is no such
page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, request

from engine import origin
from engine.errors import LiandongError, NotFound
from engine.login import first
from web import auth
from web.policies import PUBLIC, policy
from web.setting_up import pinyin
from web.texts import locale

page = Blueprint("first", __name__)


@page.get("/first")
@policy(PUBLIC)
def ask() -> str:
    """The form."""
    if not first.is_due(auth.city().core):
        raise NotFound(what="page")
    return _form(None)


@page.post("/first")
@policy(PUBLIC)
def make() -> Any:
    """Make them, and show their passwords, this once."""
    core, form = auth.city().core, request.form
    origin.say(auth.address())
    people = {key: (form.get(f"login_{key}", "").strip(), form.get(f"name_{key}", "").strip()) for key in first.POSTS}
    try:
        passwords = first.make(core, form.get("code", ""), people, auth.address())
    except NotFound:
        raise
    except LiandongError as error:
        return make_response(_form(error.text(locale())), error.status)
    for login, name in people.values():
        first.set_pinyin(core, login, pinyin(name))
    made = [(key, login, name, passwords[login]) for key, (login, name) in people.items()]
    return make_response(render_template("first.html", made=made, posts=first.POSTS, refused=None, given={}), 201)


def _form(refused: str | None) -> str:
    return render_template("first.html", made=None, posts=first.POSTS, refused=refused, given=request.form)
