"""Permits, certificates and what is reserved, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import g

from engine import certificates, registers, settings
from web.auth import city
from web.telling import ZONE, names, now
from web.telling_facts import label_of
from web.texts import locale, t

Row = Mapping[str, Any]

ROADS = "road_segments"

_STATES = {
    "valid": ("有效", "Valid"),
    "not_yet": ("未到生效日期", "Not valid yet"),
    "expired": ("已过期", "Expired"),
    "suspended": ("已中止", "Suspended"),
    "revoked": ("已撤销", "Revoked"),
    "replaced": ("已换发新证", "Replaced by a new one"),
    "unknown": ("查无此证", "No such certificate"),
}

TONES = {"valid": "good", "not_yet": "warn", "expired": "warn", "suspended": "warn"}

_UNITS = {
    "work_day": ("个工作日", "working day"),
    "natural_day": ("天", "day"),
    "work_hour": ("个工作小时", "working hour"),
    "urgent_hour": ("小时（连续计算）", "hour, counted without a break"),
    "natural_hour": ("小时", "hour"),
    "month": ("个月", "month"),
    "year": ("年", "year"),
}

DEFAULTS: dict[str, Any] = {"purpose_words": {}}
"""`purpose_words`, {purpose: {zh, en}}: what the forms of this city call what a stretch is asked for; none without its row."""


def state_word(state: str) -> str:
    """What a certificate is, in a word."""
    zh, en = _STATES.get(state, (state, state))
    return t(zh, en)


def tone(state: str) -> str:
    """How a state is coloured beside its word."""
    return TONES.get(state, "bad")


def standing(row: Row) -> str:
    """What a certificate is now."""
    return certificates.standing(row, now())


def kind_words(kind: str) -> Row:
    """How the city calls certificates of a kind."""
    found: Mapping[str, Row] | None = g.get("certificate_kinds")
    if found is None:
        found = certificates.kinds(city().core)
        g.certificate_kinds = found
    return found.get(kind, {})


def kind_word(kind: str) -> str:
    """The name of certificates of a kind."""
    said = kind_words(kind)
    return str(said.get("en" if locale() == "en" else "zh") or kind)


def bounds(row: Row) -> str:
    """From which day until which a certificate holds."""
    first, last = (_day(row[name]) for name in ("valid_from", "valid_until"))
    if first and last:
        return t(f"{first} 至 {last}", f"{first} to {last}")
    if last:
        return t(f"至 {last}", f"until {last}")
    return t(f"自 {first} 起", f"from {first}") if first else t("长期", "without an end")


def told(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Certificates as lists show them, the newest first."""
    return [
        {
            "id": row["id"],
            "number": row["number"],
            "kind": kind_word(row["kind"]),
            "state": state_word(standing(row)),
            "tone": tone(standing(row)),
            "bounds": bounds(row),
            "why": row["why"],
        }
        for row in reversed(rows)
    ]


def public_lines(row: Row) -> list[tuple[str, str]]:
    """What the public register shows of a certificate, in the order in which the city names it."""
    named = kind_words(row["kind"]).get("public") or {}
    shown = row["public"] or {}
    found = []
    for key in [*(k for k in named if k in shown), *(k for k in shown if k not in named)]:
        said: Row | None = named.get(key) or _LABELS.get(key)
        if said is None or shown[key] in (None, ""):
            continue  # what the city has no name for is for no page
        label = str(said.get("en" if locale() == "en" else "zh") or said.get("zh", key))
        word: Row = said.get("values", {}).get(str(shown[key]), {})
        text = str(word.get("en" if locale() == "en" else "zh") or _public_value(key, shown[key]))
        found.append((label, text))
    return found


def where(row: Row) -> str:
    """The place of a certificate, as the public register has it."""
    shown = row["public"] or {}
    for key in ("place", "site", "segment"):
        if shown.get(key):
            return _public_value(key, shown[key])
    return names().area(shown["area"], locale()) if shown.get("area") else ""


_LABELS: dict[str, dict[str, str]] = {
    "segment": {"zh": "路段", "en": "Road segment"},
    "place": {"zh": "地点", "en": "Place"},
    "site": {"zh": "点位", "en": "Site"},
    "area": {"zh": "所在街镇、社区", "en": "Town or community"},
    "purpose": {"zh": "事由", "en": "Purpose"},
    "type": {"zh": "类型", "en": "Type"},
    "area_m2": {"zh": "面积（平方米）", "en": "Area (m²)"},
}


def purpose_word(value: str) -> str:
    """What something is reserved for, as the city calls it: a purpose, or a kind of certificate; else as it is."""
    found: Mapping[str, Row] | None = g.get("purpose_words")
    if found is None:
        with city().core.db.read() as connection:
            found = settings.read(connection, DEFAULTS)["purpose_words"]
        g.purpose_words = found
    said = found.get(value)
    return str(said.get("en" if locale() == "en" else "zh") or value) if said else kind_word(value)


def segment_word(said: str) -> str:
    """The name of a road segment in the reader's language, by its key or by its name as it was written down."""
    row = segments().get(said) or next((one for one in segments().values() if one.get("name") == said), None)
    return label_of(dict(row)) if row is not None else said


def segments() -> dict[str, Row]:
    """The road segments by their keys."""
    found: dict[str, Row] | None = g.get("segments")
    if found is None:
        found = g.segments = {str(row["key"]): row for row in registers.rows(city().core, ROADS)}
    return found


def term_words(row: Row) -> str:
    """How long a term of the register of terms is."""
    amount = row.get("amount")
    number = int(amount) if isinstance(amount, float) and amount.is_integer() else amount
    zh, en = _UNITS.get(str(row.get("unit")), (str(row.get("unit")), str(row.get("unit"))))
    word, comma, rest = en.partition(",")
    return t(
        f"{number} {zh}" if zh[0] == "个" else f"{number}{zh}",
        f"{number} {word}{'' if number == 1 else 's'}{comma}{rest}",
    )


def stretch(begins: float | None, ends: float | None) -> str:
    """Where along a segment: K0+120 to K0+160."""
    if begins is None and ends is None:
        return t("全段", "the whole segment")
    first = _chainage(begins or 0.0)
    return (
        t(f"{first} 至 {_chainage(ends)}", f"{first} to {_chainage(ends)}")
        if ends is not None
        else t(f"{first} 起", f"from {first}")
    )


def met(one: Row) -> dict[str, str]:
    """Something that is asked for or held at the same place in the same time, as an applicant is told: when and where, neither whose nor
    which."""
    return {
        "state": t("已批准", "granted") if one["state"] == "held" else t("申请中", "applied for"),
        "where": stretch(one["begins"], one["ends"]),
        "purpose": purpose_word(one.get("purpose") or ""),
        "when": t(f"{one['first_day']} 至 {one['last_day']}", f"{one['first_day']} to {one['last_day']}"),
    }


def _public_value(key: str, value: Any) -> str:
    if key == "segment":
        return segment_word(str(value))
    if key == "area":
        return names().area(str(value), locale())
    if key in ("purpose", "type"):
        return purpose_word(str(value))
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _chainage(metres: float) -> str:
    whole = round(metres)
    return f"K{whole // 1000}+{whole % 1000:03d}"


def _day(instant: datetime | None) -> str:
    return instant.astimezone(ZONE).date().isoformat() if instant is not None else ""
