"""Texts in two languages, where they are used: `t("待办", "Inbox")` gives the one the reader wants."""

from __future__ import annotations

from typing import Final

from flask import g, request, session

ZH: Final = "zh"
EN: Final = "en"
LOCALES: Final = (ZH, EN)


def locale() -> str:
    """The language of this request: the person's own, else what was chosen on this browser, else what the browser asks for."""
    found = g.get("locale")
    if found is None:
        found = g.locale = _wanted()
    return str(found)


def _wanted() -> str:
    actor = g.get("actor")
    if actor is not None and actor.locale in LOCALES:
        return str(actor.locale)
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES, default=ZH)


def t(zh: str, en: str) -> str:
    """The text in the language of this request."""
    return zh if locale() == ZH else en
