"""Who may call a route. Every view names its policy; one that names none is refused, and a test fails.

    @page.get("/inbox")
    @policy(SIGNED_IN)
    def inbox() -> str: ...

A policy is the door to the building: what is shown inside is decided row by row by `engine.access`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, current_app, g, request

from engine.access import check_power
from web.errors import LogInFirst

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed_in"

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "liandong_policy"
_NAMED = "liandong_policies"


def policy(*names: str, inline_styles: bool = False) -> Callable[[View], View]:
    """Marks a view (or a MethodView class) with `PUBLIC`, `SIGNED_IN`, or the powers of which one is enough. `inline_styles`: the page
    may style its elements by attribute (bpmn-js does)."""

    def mark(view: View) -> View:
        setattr(view, _MARK, names)
        if inline_styles:
            view.inline_styles = True  # type: ignore[attr-defined]
        return view

    return mark


def name_policy(app: Flask, endpoint: str, *names: str) -> None:
    """The same for an endpoint that a library made."""
    app.extensions.setdefault(_NAMED, {})[endpoint] = names


def policy_of(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    """The policy of an endpoint; none when nobody said."""
    named: dict[str, tuple[str, ...]] = app.extensions.get(_NAMED, {})
    if endpoint in named:
        return named[endpoint]
    view = app.view_functions[endpoint]
    for holder in (view, getattr(view, "view_class", None)):
        found: tuple[str, ...] | None = getattr(holder, _MARK, None)
        if found is not None:
            return found
    return None


def enforce() -> None:
    """Before every request: no policy, no entry."""
    if request.endpoint is None:
        return
    names = policy_of(current_app, request.endpoint)
    if names is None:
        raise LogInFirst if g.actor is None else NotNamed()
    if PUBLIC in names:
        return
    if g.actor is None:
        raise LogInFirst
    if SIGNED_IN in names or g.actor.powers.intersection(names):
        return
    check_power(g.actor, names[0], "打开此页", "open this page")


def allows_inline_styles() -> bool:
    """True on the few pages whose library styles by attribute."""
    if request.endpoint is None:
        return False
    view = current_app.view_functions.get(request.endpoint)
    return bool(getattr(view, "inline_styles", False))


class NotNamed(Exception):
    """A route without a policy: a mistake of ours, answered as 500."""
