"""The organisation in words: kinds of units and areas, what a change is about and how it stands, terms of posts, times in forms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import Invalid
from engine.organisation.book_parts import AREA_KINDS, UNIT_KINDS, titles
from engine.queries.organisation import Unit
from web.telling import ZONE, names, stamp
from web.texts import locale, t

Row = dict[str, Any]


def unit_kind(kind: str) -> str:
    """The kind of a unit."""
    return t(*UNIT_KINDS.get(kind, (kind, kind)))


def area_kind(kind: str) -> str:
    """The kind of an area."""
    return t(*AREA_KINDS.get(kind, (kind, kind)))


def change_kind(kind: str) -> str:
    """What a change is about."""
    words = {
        "create": t("新设机构", "New unit"),
        "rename": t("机构更名、调整", "Unit renamed or moved"),
        "merge": t("机构合并", "Units merged"),
        "split": t("机构拆分", "Unit split"),
        "people": t("人员与任职", "People and posts"),
        "leave": t("人员离职", "Somebody leaves"),
        "import": t("导入表格", "Import of a workbook"),
    }
    return words.get(kind, kind)


def change_state(state: str) -> str:
    """How a change stands."""
    words = {
        "proposed": t("待审批", "To be approved"),
        "approved": t("已批准，待执行", "Approved, to be carried out"),
        "applying": t("执行中", "Being carried out"),
        "applied": t("已执行", "Carried out"),
        "refused": t("已驳回", "Refused"),
        "withdrawn": t("已撤回", "Withdrawn"),
        "failed": t("无法执行", "Could not be carried out"),
    }
    return words.get(state, state)


STATE_COLOURS = {
    "proposed": "active",
    "approved": "active",
    "applying": "active",
    "applied": "completed",
    "refused": "cancelled",
    "withdrawn": "cancelled",
    "failed": "cancelled",
}


def edit_word(what: str) -> str:
    """What one edit of a change does."""
    words = {
        "unit_created": t("新设机构", "Unit made"),
        "unit_changed": t("机构变更", "Unit changed"),
        "unit_ended": t("机构撤销", "Unit ended"),
        "person_created": t("新增人员", "Person added"),
        "person_changed": t("人员变更", "Person changed"),
        "person_left": t("人员离职", "Person leaves"),
        "post_given": t("任职", "Post given"),
        "post_changed": t("任期变更", "Post changed"),
        "post_taken": t("免职", "Post taken"),
        "area_created": t("新增区域", "Area added"),
        "area_changed": t("区域变更", "Area changed"),
        "area_ended": t("区域撤销", "Area ended"),
        "substitution_made": t("新增代理", "Substitute added"),
        "substitution_ended": t("结束代理", "Substitution ended"),
        "duty_put": t("排班", "Duty put"),
        "duty_removed": t("取消值班", "Duty removed"),
    }
    return words.get(what, what)


def edit_kind(what: str) -> str:
    """added, changed or ended: how an edit is marked."""
    tail = what.rpartition("_")[2]
    if tail in ("created", "given", "made", "put"):
        return "added"
    return "changed" if tail == "changed" else "ended"


_LABELS = {
    "name_zh": ("中文名称", "Chinese name"),
    "name_en": ("英文名称", "English name"),
    "kind": ("类型", "kind"),
    "parent": ("上级", "parent"),
    "successor": ("继任机构", "successor"),
    "name": ("姓名", "name"),
    "staff_no": ("工号", "staff number"),
    "unit": ("单位", "unit"),
    "post": ("岗位", "post"),
    "since": ("起", "from"),
    "until": ("止", "until"),
    "lat": ("纬度", "latitude"),
    "lon": ("经度", "longitude"),
    "login": ("登录名", "log-in"),
    "reason": ("事由", "reason"),
    "note": ("备注", "note"),
    "principal": ("被代理人", "principal"),
    "substitute": ("代理人", "substitute"),
    "processes": ("流程", "processes"),
}


def differences(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """What an edit changes: label, before, after, for each value that differs."""
    old = before if isinstance(before, dict) else {"": before}
    new = after if isinstance(after, dict) else {"": after}
    return [
        (t(*_LABELS.get(key, (key, key))), _value(key, old.get(key)), _value(key, new.get(key)))
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key) and key not in ("key", "id", "row")
    ]


def _value(key: str, value: Any) -> str:
    if value is None or value == "":
        found = ""
    elif key == "kind":
        found = unit_kind(value) if value in UNIT_KINDS else area_kind(value)
    elif key in ("since", "until", "ended_at", "left_at"):
        found = instant_words(value)
    elif key in ("unit", "parent", "successor"):
        found = names().unit_by_key(str(value), locale())
    elif key == "post":
        found = names().post(str(value), locale())
    else:
        found = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def instant_words(value: Any) -> str:
    """An instant, also one kept as JSON."""
    if isinstance(value, datetime):
        return stamp(value)
    try:
        return stamp(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def place(problem: Any) -> str:
    """Where a problem of an import lies: sheet, row, column."""
    read = problem.get if isinstance(problem, dict) else lambda name: getattr(problem, name)
    sheet, column = titles(read("sheet"), read("column"), locale())
    parts = []
    if sheet:
        parts.append(t(f"工作表“{sheet}”", f"sheet “{sheet}”"))
    if read("row"):
        parts.append(t(f"第 {read('row')} 行", f"row {read('row')}"))
    if column and sheet:
        parts.append(t(f"“{column}”列", f"column “{column}”"))
    return t("，", ", ").join(parts)


def said(problem: Any) -> str:
    """What is wrong, or to be known."""
    read = problem.get if isinstance(problem, dict) else lambda name: getattr(problem, name)
    return t(str(read("zh")), str(read("en")))


# ---------------------------------------------------------------- times and units in forms


def term(since: datetime | None, until: datetime | None) -> str:
    """From when until when a post is held; empty: without end."""
    if since is None and until is None:
        return ""
    if until is None:
        return t(f"{stamp(since)} 起", f"from {stamp(since)}")
    if since is None:
        return t(f"至 {stamp(until)}", f"until {stamp(until)}")
    return f"{stamp(since)} – {stamp(until)}"


def field_time(instant: datetime | None) -> str:
    """An instant as the value of a field of date and time."""
    return instant.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if instant is not None else ""


def read_time(text: str, *, needed: bool = False) -> datetime | None:
    """What a field of date and time holds, as people's time here. Invalid when it cannot be read, or is `needed` and empty."""
    if not text.strip():
        if needed:
            raise Invalid(why_zh="请填写起止时间。", why_en="Give the beginning and the end.")
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(why_zh=f"时间“{text[:30]}”无法识别。", why_en=f"“{text[:30]}” is no time.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZONE)


def later(day: date, days: int) -> date:
    """So many days later, or before."""
    return day + timedelta(days=days)


def day_at(day: date, hour: int) -> str:
    """An hour of a day as the value of a field of date and time."""
    return f"{day.isoformat()}T{hour:02}:00"


def week_words(monday: date) -> str:
    """A week by its first and last day."""
    sunday = monday + timedelta(days=6)
    if locale() == "zh":
        return f"{monday.year}年{monday.month}月{monday.day}日 – {sunday.month}月{sunday.day}日"
    return f"{monday.day} {monday:%B} – {sunday.day} {sunday:%B} {sunday.year}"


def unit_options(units: dict[int, Unit]) -> list[tuple[str, str, str]]:
    """Units to choose from: key, name, and the kind they stand under."""
    order = {kind: i for i, kind in enumerate(UNIT_KINDS)}
    listed = sorted(units.values(), key=lambda u: (order.get(u.kind, 99), u.id))
    return [(u.key, u.names.text(locale()), unit_kind(u.kind)) for u in listed]
