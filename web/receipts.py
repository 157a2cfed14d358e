"""What the public's forms carry: a signed ticket from which the receipt code follows, so that a form sent twice is one case with one code;
and what this browser remembers of what it sent, so that a code is shown again for the same answers and for no others."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

import segno
from flask import current_app, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from markupsafe import Markup

from engine.public import codes

LIVES = 24 * 3600
"""Seconds a form may stay open."""
SENT, SENT_KEPT = "sent", 5
"""Where this browser's signed page session keeps digests of what it sent last, and how many."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a form carries: its own random text, and how many seconds ago it was opened."""

    word: str
    nonce: str
    seconds: float

    @property
    def code(self) -> str:
        """The receipt code that follows from it."""
        return codes.derive(_secret(), self.nonce)


def fresh(kind: str) -> str:
    """A new ticket for a form of this kind; tickets of another kind are worth nothing there."""
    return str(_tickets(kind).dumps(secrets.token_urlsafe(18)))


def brought(kind: str) -> Ticket | None:
    """The ticket that this request's form carries; none when it is no such ticket, or too old."""
    word = request.form.get("ticket", "")
    try:
        nonce, opened = _tickets(kind).loads(word, max_age=LIVES, return_timestamp=True)
    except BadSignature:
        return None
    now = _tickets(kind).make_signer().get_timestamp()  # type: ignore[attr-defined]
    return Ticket(word, str(nonce), now - opened.timestamp())


def signer(salt: str) -> URLSafeSerializer:
    """Signs small things that a page carries."""
    return URLSafeSerializer(_secret(), salt=salt)


def digest(code: str, said: list[Any]) -> str:
    """What tells one sending from a changed one. Keyed with the code, which nobody keeps: it tells nothing of what was written."""
    text = json.dumps(said, sort_keys=True, default=str)
    return hmac.new(code.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def is_another(code: str, said: str) -> bool:
    """Whether this browser sent something else under this code: then the code is not shown again."""
    found: str = session.get(SENT, {}).get(codes.short(codes.hash_of(code)), said)
    return found != said


def remember(code: str, said: str) -> None:
    """This browser sent it."""
    kept = {**session.get(SENT, {}), codes.short(codes.hash_of(code)): said}
    session[SENT] = dict(list(kept.items())[-SENT_KEPT:])


def qr(code: str) -> Markup:
    """The QR code that opens what is followed; the code is behind the #, which no server is told."""
    target = url_for("public_follow.enter", _external=True) + "#" + code
    picture = segno.make(target, error="m").svg_inline(scale=1, border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(picture)  # noqa: S704  drawn by us from our own address and code


# ---------------------------------------------------------------- inside


def _secret() -> bytes:
    key = current_app.secret_key or ""
    return key if isinstance(key, bytes) else key.encode()


def _tickets(kind: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt=f"public-{kind}")
