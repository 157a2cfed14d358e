"""What templates use to tell things: times, names of people, units and posts, and who may see which page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from engine.queries import desk, notices
from engine.queries.inbox import DEPTH
from engine.queries.names import Directory, directory
from escalation import words
from web import drilling, telling_files
from web.assets import Assets
from web.auth import city
from web.telling_cases import subject
from web.texts import LOCALES, locale, t

ZONE = ZoneInfo("Asia/Shanghai")


def install(app: Flask) -> None:
    """Give the templates their words."""
    assets = Assets()
    app.jinja_env.globals.update(
        t=t,
        locale=locale,
        locales=LOCALES,
        when=when,
        stamp=stamp,
        day=day,
        names=names,
        asset=assets.url,
        asset_tags=assets.tags,
        navigation=navigation,
        act_fields=act_fields,
        csrf_field=csrf_field,
        with_query=with_query,
        shown=shown,
        subject=subject,
        unread_notices=lambda: notices.unread(city().core, g.actor),
        unread_words=unread_words,
        drill_shown=drilling.shown,
        drills_running=drilling.running,
        file_told=telling_files.told,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: {"actor": g.get("actor"), "city_name": city_name()})


# ---------------------------------------------------------------- time


def now() -> datetime:
    """Business time of the live world, on a page of a drill that of the drill: one instant for a whole page."""
    found: datetime | None = g.get("now")
    if found is None:
        found = g.now = drilling.now() or city().world().now
    return found


def when(instant: datetime | None, *, closing: bool = False) -> Markup:
    """An instant as people write it (今天 15:30), the full one on hover. `closing`: midnight is the 24:00 of the day before."""
    if instant is None:
        return Markup('<span class="faint">—</span>')
    text = words.when(instant, now(), ZONE, locale(), closing=closing)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(instant.isoformat(), stamp(instant), text)


def stamp(instant: datetime | None) -> str:
    """2026-11-22 15:30, in Shanghai: for print and exact places."""
    return instant.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if instant is not None else ""


def day(instant: datetime) -> str:
    """11月22日 星期日; Sunday 22 November."""
    local = instant.astimezone(ZONE)
    if locale() == "zh":
        return f"{local.month}月{local.day}日 星期{'一二三四五六日'[local.weekday()]}"
    return f"{local:%A} {local.day} {local:%B}"


# ---------------------------------------------------------------- names


def names() -> Directory:
    """Units, posts and areas by id or key; people are looked up as they are asked for."""
    found: Directory | None = g.get("names")
    if found is None:
        found = g.names = directory(city().core, locale())
    return found


def city_name() -> str:
    """Whose city this is: its area's name."""
    return names().city.text(locale())


# ---------------------------------------------------------------- links and forms


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation."""

    href: str
    icon: str
    label: str
    current: bool
    on_phone: bool


_ENTRIES: tuple[tuple[str, str, str, str, tuple[str, ...], bool], ...] = (
    ("/", "home", "首页", "Home", (), True),
    ("/inbox", "inbox", "待办", "Inbox", (), True),
    ("/copies", "send", "传阅", "Copies", (), False),
    ("/report", "plus", "上报", "Report", ("report",), True),
    ("/cases", "folder", "案件", "Cases", (), True),
    ("/desk", "tree", "工作台", "Unit's desk", ("see_organisation",), False),
    ("/street/", "pin", "城管通", "In the street", ("see_organisation",), False),
    ("/public-reports", "person", "公众来件", "From the public", ("receive",), False),
    ("/digs", "pin", "道路施工", "Road works", ("see_organisation",), False),
    ("/dispatch", "send", "派遣", "Dispatch", ("dispatch",), True),
    ("/supervision", "bell", "督办", "Supervision", ("supervise", "see_figures"), False),
    ("/emergency", "flag", "应急", "Emergencies", ("see_organisation",), True),
    ("/inspection", "search", "督查", "Inspection", ("inspect",), True),
    ("/discipline", "lock", "线索", "Clues", ("see_clues",), True),
    ("/figures", "chart", "统计", "Figures", ("see_figures",), False),
    ("/assessment", "flag", "考核", "Assessment", ("see_figures",), False),
    ("/definitions", "flow", "流程", "Processes", (), False),
    ("/organisation", "tree", "机构", "Organisation", ("see_organisation",), False),
    ("/registers", "folder", "登记表", "Registers", ("see_organisation",), False),
    ("/calendars", "clock", "日历", "Calendars", ("see_organisation", "administer", "audit"), False),
    ("/audit", "check", "审计", "Audit", ("audit",), True),
    ("/operations", "gauge", "运行", "Operations", ("operate",), False),
    ("/deliveries", "send", "通知发送", "Deliveries", ("operate",), False),
    ("/accounts", "key", "账号", "Accounts", ("secure",), True),
    ("/security", "shield", "安全", "Security", ("secure",), False),
    ("/rights", "check", "权限", "Rights", ("secure", "audit", "administer"), False),
    ("/alarms", "bell", "告警", "Alarms", ("secure",), True),
)

_BESIDE: Mapping[str, tuple[str, ...]] = {"/definitions": ("/trials", "/help/designer")}
"""Pages that belong to an entry and have an address of their own."""


def navigation() -> list[Entry]:
    """The pages that exist and that the actor may open."""
    actor = g.get("actor")
    if actor is None:
        return []
    here = request.path
    found = []
    for path, icon, zh, en, powers, on_phone in _ENTRIES:
        if (powers and not actor.powers.intersection(powers)) or not _exists(path):
            continue
        if path == "/desk" and not desk.units(actor, ()):
            continue
        current = any(
            here == one or (one != "/" and here.startswith(one + "/")) for one in (path, *_BESIDE.get(path, ()))
        )
        found.append(Entry(path, icon, t(zh, en), current, on_phone))
    return found


def _exists(path: str) -> bool:
    adapter = current_app.url_map.bind("")
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def csrf_field() -> Markup:
    """The hidden field that every form with method POST carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def act_fields() -> Markup:
    """CSRF token and a fresh idempotency key: a double click, or the form sent again, is one act."""
    return csrf_field() + Markup('<input type="hidden" name="idempotency_key" value="{}">').format(
        secrets.token_urlsafe(18)
    )


def shown(count: int) -> str:
    """A count that was not counted beyond what an inbox holds: 999+."""
    return f"{DEPTH - 1}+" if count >= DEPTH else str(count)


def unread_words(count: int) -> str:
    """How many messages are not read, for whoever only hears the page."""
    if not count:
        return t("消息，没有未读", "Messages, none unread")
    number = f"{notices.MOST - 1}+" if count >= notices.MOST else str(count)
    return t(f"消息，{number} 条未读", f"Messages, {number} unread")


def with_query(**changes: Any) -> str:
    """This page's address with some of its query changed; none takes a part away."""
    query = {k: v for k, v in request.args.items(multi=False) if k not in changes}
    query.update({k: str(v) for k, v in changes.items() if v is not None})
    return url_for(request.endpoint or "home.home", **{**(request.view_args or {}), **query})
