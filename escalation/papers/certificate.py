"""A certificate on paper: official layout, with a room for the seal and a QR code that leads to its verification.

The Chinese one is the document (行政许可法 39: 加盖本行政机关印章的许可证); the English one says that it is a translation. One that is
revoked, suspended, replaced or expired bears that word across the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from engine import certificates
from engine.public import codes
from escalation.papers.setting import printed, qr

if TYPE_CHECKING:
    from engine.worlds import World

TEMPLATE = Path(__file__).with_name("certificate.typ")

Row = Mapping[str, Any]

STAMPS = {
    certificates.SUSPENDED: ("已中止", "SUSPENDED"),
    certificates.REVOKED: ("已撤销", "REVOKED"),
    certificates.REPLACED: ("已换发", "REPLACED"),
    certificates.EXPIRED: ("已过期", "EXPIRED"),
}


def render(
    row: Row,
    kind: Row,
    address: str,
    fonts: Sequence[Path],
    at: World,
    city: str,
    language: str = "zh",
    form: Literal["pdf", "png"] = "pdf",
) -> bytes:
    """The paper of a certificate (a row of `certificate`); `kind`: what the city calls such ones; `address`: where its QR code leads;
    `at`: the world's time; `city`: whose it is. NoFonts, NotPrinted."""
    zh = language != "en"
    told = _told(row, kind, at.zone, city, zh=zh)
    state = certificates.standing(row, at.now)
    told["stamp"] = STAMPS[state][not zh] if state in STAMPS else ""
    told["qr"] = qr(address)
    return _set(json.dumps(told, ensure_ascii=False), tuple(fonts), row["issued_at"], form)


@lru_cache(maxsize=64)
def _set(told: str, fonts: tuple[Path, ...], at: datetime, form: Literal["pdf", "png"]) -> bytes:
    """Kept for a while: the same certificate is asked for again, and setting it costs a fifth of a second."""
    return printed(TEMPLATE, json.loads(told), fonts, at, form)[0]


def _told(row: Row, kind: Row, zone: ZoneInfo, city: str, *, zh: bool) -> dict[str, Any]:
    def word(name: str, otherwise: str = "") -> str:
        return str(kind.get(f"{name}_zh" if zh else f"{name}_en") or otherwise)

    title = str(kind.get("zh" if zh else "en") or row["kind"])
    holder = row["data"]["holder"]
    article = word("article")
    lines = [
        (one["zh"], one["value"]) if zh else (one["en"], one.get("value_en") or one["value"])
        for one in row["data"]["lines"]
    ]
    bounds = _bounds(row, zone, zh=zh)
    if zh:
        basis = f"依据{article}，" if article else ""
        granting = f"{basis}经审查，准予{f'{holder}' if holder else '持证人'}按照下列事项实施，特发此证。"
        rows = [("持证人", holder), *lines, ("有效期限", bounds)]
    else:
        basis = f"Under {article}, " if article else ""
        granting = f"{basis}{holder or 'the holder'} is permitted to carry out what is stated below."
        granting = granting[0].upper() + granting[1:]
        rows = [("Holder", holder), *lines, ("Valid", bounds)]
    code = codes.spaced(certificates.code_of(row))
    translated = [] if zh else ["This is a translation. The Chinese certificate counts."]
    remarks = [word("remark")] if word("remark") else []
    return {
        "lang": "zh" if zh else "en",
        "region": "CN" if zh else "GB",
        "title": title,
        "city": city,
        "number": row["number"],
        "number-line": f"编号：{row['number']}" if zh else f"No. {row['number']}",
        "granting": granting,
        "rows": [[label, value] for label, value in rows if value],
        "remarks": [*remarks, *translated],
        "authority": word("authority", city),
        "issued": _day(row["issued_at"], zone, zh=zh),
        "seal": "（发证机关盖章）" if zh else "(seal of the authority)",
        "scan": "扫码核验真伪与状态" if zh else "Scan to verify",
        "code": code,
        "short": row["hash"].partition(":")[2][:16],
        "page": "第 {1} 页，共 {2} 页" if zh else "{1} / {2}",
    }


def _bounds(row: Row, zone: ZoneInfo, *, zh: bool) -> str:
    begins, ends = row["valid_from"], row["valid_until"]
    first = _day(begins, zone, zh=zh) if begins is not None else ""
    last = _day(ends, zone, zh=zh) if ends is not None else ""
    if first and last:
        return f"自 {first} 至 {last}" if zh else f"{first} to {last}"
    if last:
        return f"至 {last}" if zh else f"until {last}"
    return (f"自 {first} 起" if zh else f"from {first}") if first else ""


def _day(instant: datetime, zone: ZoneInfo, *, zh: bool) -> str:
    at = instant.astimezone(zone)
    return f"{at.year} 年 {at.month} 月 {at.day} 日" if zh else f"{at.day} {at:%B %Y}"
