"""Who may call a route. Every view names its policy; one that names none is refused, and a test fails.

    @page.get("/inbox")
    @policy(SIGNED_IN)
    def inbox() -> str: ...

A policy is the door to the building: what is shown inside is decided row by row by `engine.access`. A token of the API opens a door
only within its scopes: `scopes_of` says which scope a route wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, current_app, g, request

from engine import tokens
from engine.access import check_power
from engine.errors import LiandongError
from engine.login.owing import ENROL
from web.errors import LogInFirst

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed_in"

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "liandong_policy"
_NAMED = "liandong_policies"

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CLOSED: Final = frozenset({"administer", "secure", "audit", "unmask"})
"""Powers whose pages a token opens, even to read them, only with the scope of that name."""
STARTS: Final = frozenset({"api.start", "report.send_report", "report.send_start", "emergency.send_start"})
"""Endpoints that start a process."""


class Owed(LiandongError):
    """They are in, but do nothing else until they have done what they owe."""

    code = "password_must_change"
    status = 403
    zh = "请先更改密码，再继续使用。"
    en = "Choose a new password first."


class SecondFactorWanted(Owed):
    """Their post wants a second factor, and they have none yet."""

    code = "second_factor_wanted"
    zh = "您的岗位必须启用两步验证，请先设置。"
    en = "Your post needs a second factor; set it up first."


class OutOfScope(LiandongError):
    """The token is not for this."""

    code = "out_of_scope"
    status = 403
    zh = "此令牌不能用于该操作，需要的用途：{scope}。"
    en = "This token is not for this; it would need the scope {scope}."


def policy(
    *names: str, inline_styles: bool = False, owing: bool = False, by_token: bool = True
) -> Callable[[View], View]:
    """Marks a view (or a MethodView class) with `PUBLIC`, `SIGNED_IN`, or the powers of which one is enough. `inline_styles`: the page
    may style its elements by attribute (bpmn-js does). `owing`: open to who must change the password or set up a second factor
    first. Without `by_token` no token opens it, whatever its scopes."""

    def mark(view: View) -> View:
        setattr(view, _MARK, names)
        view.owing = owing  # type: ignore[attr-defined]
        view.by_token = by_token  # type: ignore[attr-defined]
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
    view = current_app.view_functions[request.endpoint]
    if g.owes and not getattr(view, "owing", False):
        raise SecondFactorWanted if g.owes == ENROL else Owed
    if g.by_token:
        wanted = scopes_of(request.endpoint, names, request.method)
        if not getattr(view, "by_token", True) or (g.actor.scopes is not None and not g.actor.scopes & wanted):
            raise OutOfScope(scope=", ".join(sorted(wanted)))
    if SIGNED_IN in names or g.actor.powers.intersection(names):
        return
    check_power(g.actor, names[0], "打开此页", "open this page")


def scopes_of(endpoint: str, names: tuple[str, ...], method: str) -> frozenset[str]:
    """The scopes of which a token needs one: that of a closed power always; else to read, to start, what the power of that name
    opens, or to work."""
    closed = CLOSED.intersection(names)
    if closed:
        return closed
    if method in SAFE:
        return frozenset({"read"})
    if endpoint in STARTS:
        return frozenset({"start"})
    return frozenset(tokens.SCOPES).intersection(names) or frozenset({"work"})


def allows_inline_styles() -> bool:
    """True on the few pages whose library styles by attribute."""
    if request.endpoint is None:
        return False
    view = current_app.view_functions.get(request.endpoint)
    return bool(getattr(view, "inline_styles", False))


class NotNamed(Exception):
    """A route without a policy: a mistake of ours, answered as 500."""
