"""My stamp: a picture of one's signature or seal, kept to sign acts with."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from engine.acts import signature
from engine.errors import LiandongError, NotFound
from web import signing
from web.auth import city
from web.errors import sentence
from web.policies import SIGNED_IN, policy
from web.texts import t

page = Blueprint("stamp", __name__)


@page.get("/account/stamp")
@policy(SIGNED_IN, by_token=False)
def stamp() -> str:
    """What is kept, and how to keep another."""
    return render_template("stamp.html", kept=signature.stamp_of(city().core, g.actor) is not None)


@page.get("/account/stamp/picture")
@policy(SIGNED_IN, by_token=False)
def picture() -> Response:
    """The picture, for its owner alone."""
    found = signature.stamp_of(city().core, g.actor)
    if found is None:
        raise NotFound(what="file")
    response = Response(found[1], mimetype=found[0])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@page.post("/account/stamp")
@policy(SIGNED_IN, by_token=False)
def keep() -> Response:
    """Keep what was drawn, or the picture that was chosen."""
    try:
        signature.keep_stamp(city().core, g.actor, signing.drawn_or_chosen())
        flash(t("签章已保存。", "Your stamp is kept."))
    except LiandongError as error:
        flash(sentence(error), "bad")
    return redirect(url_for("stamp.stamp"), 303)


@page.post("/account/stamp/drop")
@policy(SIGNED_IN, by_token=False)
def drop() -> Response:
    """Keep none any more."""
    signature.drop_stamp(city().core, g.actor)
    flash(t("签章已删除；已经签署的内容不变。", "Your stamp is deleted; what was signed with it stays."))
    return redirect(url_for("stamp.stamp"), 303)
