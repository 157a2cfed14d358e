"""The table of rights: every route of the program and every post, from the route table itself, for those who answer for rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.routing import Rule

from engine import sheets
from engine.access import SEE_ALL
from engine.powers import in_words
from engine.queries.people import posts
from web.auth import city
from web.policies import PUBLIC, SIGNED_IN, policy, policy_of
from web.telling import ZONE
from web.texts import locale, t

page = Blueprint("rights", __name__)

Row = dict[str, Any]

OF_A_CASE = frozenset({"instance_id", "instance"})
OF_A_TASK = frozenset({"ref"})


@dataclass(frozen=True, slots=True)
class Line:
    """A route: its address, method, what its door asks, and what each post may do there."""

    address: str
    method: str
    asks: str
    cells: tuple[str, ...]


@page.get("/rights")
@policy("secure", "audit", "administer")
def rights() -> Any:
    """Look, or take it along as a sheet."""
    held = posts(city().core)
    lines = [line for rule in _rules() for line in _lines(rule, held)]
    if request.args.get("as") == "xlsx":
        return _sheet(held, lines)
    return render_template("rights.html", posts=held, lines=lines)


# ---------------------------------------------------------------- inside


def _rules() -> list[Rule]:
    found = [r for r in current_app.url_map.iter_rules() if r.endpoint not in ("static", "api.nowhere")]
    return sorted(found, key=lambda rule: rule.rule)


def _lines(rule: Rule, held: list[Row]) -> list[Line]:
    names = policy_of(current_app, rule.endpoint) or ()
    cells = tuple(_cell(rule, names, frozenset(one["powers"])) for one in held)
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return [Line(rule.rule, method, _asks(names), cells) for method in methods]


def _asks(names: tuple[str, ...]) -> str:
    if PUBLIC in names:
        return t("公开", "public")
    return t("登录", "logged in") if SIGNED_IN in names else " / ".join(in_words(name, locale()) for name in names)


def _cell(rule: Rule, names: tuple[str, ...], powers: frozenset[str]) -> str:
    """What a post may do at a route: nothing, all of it, or what the rows' own filter leaves (`engine.access`)."""
    if not (PUBLIC in names or SIGNED_IN in names or powers.intersection(names)):
        return ""
    if rule.arguments & OF_A_TASK:
        return t("所派任务", "own tasks")
    if rule.arguments & OF_A_CASE and SIGNED_IN in names:
        return t("全部", "all") if SEE_ALL in powers else t("本单位", "own unit")
    return "●"


def _sheet(held: list[Row], lines: list[Line]) -> Response:
    columns = [
        sheets.Column(t("地址", "Address"), 44),
        sheets.Column(t("方法", "Method"), 8),
        sheets.Column(t("要求", "Asks"), 24),
    ]
    columns += [sheets.Column(t(one["name_zh"], one["name_en"]), 12) for one in held]
    rows = [(line.address, line.method, line.asks, *line.cells) for line in lines]
    response = make_response(sheets.write(t("权限表", "Rights"), columns, rows, ZONE))
    response.headers["Content-Type"] = sheets.MEDIA_TYPE
    response.headers["Content-Disposition"] = "attachment; filename=rights.xlsx"
    return response
