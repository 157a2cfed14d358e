"""The plan of a change (`engine.organisation.plans`) from the fields of its form."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from engine.errors import Invalid
from web.telling_organisation import read_time

Plan = dict[str, Any]
Form = MultiDict[str, str]

PARTS = 4
"""Parts of a split that the form has room for; one with more is imported, or split again."""
GIVEN = 3
"""Posts that the form of people has room for at once."""
NEW = "+new"
"""The choice "a new unit" where a unit is asked for."""


def plan(kind: str, form: Form) -> Plan:
    """The plan of this kind. Invalid when a field that decides what it is was left empty."""
    makers = {
        "create": _create,
        "rename": _rename,
        "merge": _merge,
        "split": _split,
        "people": _people,
        "leave": _leave,
    }
    if kind not in makers:
        raise Invalid(why_zh=f"没有这种变更：{kind}", why_en=f"there is no such kind of change: {kind}")
    return makers[kind](form)


def _text(form: Form, name: str) -> str | None:
    return form.get(name, "").strip() or None


def _unit(form: Form, prefix: str = "") -> Plan:
    names = {"key": "key", "name_zh": "name_zh", "name_en": "name_en", "kind": "unit_kind", "parent": "parent"}
    return {name: _text(form, prefix + field) for name, field in names.items()}


def _into(form: Form, prefix: str) -> Any:
    chosen = _text(form, f"{prefix}into")
    return _unit(form, prefix) if chosen == NEW else chosen


def _create(form: Form) -> Plan:
    return {"unit": _unit(form), "areas": form.getlist("areas")}


def _rename(form: Form) -> Plan:
    found = _unit(form)
    return {"unit": found.pop("key"), **found}


def _merge(form: Form) -> Plan:
    units = form.getlist("units")
    into = _into(form, "")
    if not units or into is None:
        raise Invalid(
            why_zh="请选择要合并的单位和合并后的单位。", why_en="Choose the units to merge, and what they become."
        )
    return {"units": [key for key in units if key != into], "into": into, "head": _text(form, "head")}


def _split(form: Form) -> Plan:
    unit = _text(form, "unit")
    parts = []
    for n in range(PARTS):
        into = _into(form, f"p{n}.")
        if into is not None:
            parts.append(
                {
                    "into": into,
                    "areas": form.getlist(f"p{n}.areas"),
                    "classes": form.get(f"p{n}.classes", "").replace(",", " ").replace("，", " ").split(),
                    "people": form.getlist(f"p{n}.people"),
                }
            )
    if not parts:
        raise Invalid(why_zh="请至少填写一个拆分后的单位。", why_en="Name at least one unit that it is split into.")
    rest = form.get("default", "")
    if rest.isdecimal():
        chosen = parts[int(rest)]["into"] if int(rest) < len(parts) else None
        rest = str(chosen["key"] if isinstance(chosen, dict) else chosen or "")
    return {"unit": unit, "parts": parts, "default": rest or unit}


def _people(form: Form) -> Plan:
    login = _text(form, "login")
    people = []
    if _text(form, "name") is not None or _text(form, "staff_no") is not None:
        people = [{"login": login, "name": _text(form, "name"), "staff_no": _text(form, "staff_no")}]
    give = []
    for n in range(GIVEN):
        unit, post = _text(form, f"g{n}.unit"), _text(form, f"g{n}.post")
        if unit is None and post is None:
            continue
        since, until = read_time(form.get(f"g{n}.since", "")), read_time(form.get(f"g{n}.until", ""))
        give.append(
            {
                "login": login,
                "unit": unit,
                "post": post,
                "since": since.isoformat() if since else None,
                "until": until.isoformat() if until else None,
            }
        )
    take = []
    for each in form.getlist("take"):
        unit, _, post = each.partition("|")
        take.append({"login": login, "unit": unit, "post": post})
    if not people and not give and not take:
        raise Invalid(why_zh="没有填写任何变更。", why_en="Nothing was changed.")
    return {"people": people, "give": give, "take": take}


def _leave(form: Form) -> Plan:
    return {"login": _text(form, "login"), "successor": _text(form, "successor")}
