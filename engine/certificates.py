"""Certificates: what a process granted, as it was issued, and whether it still holds.

Two actions of a diagram. `certificate` issues one, inside the step that takes its job away, so that it is issued once:

    <ld:action name="certificate" kind="excavation" valid_from="=work_from" valid_until="=work_until" holder="=applicant"
      lines="=certificate_lines" public="={segment: segment, purpose: purpose}"/>

`kind`: a word under which the setting `certificate_kinds` says how it is called, on which article it rests and how its number begins;
`id`: which of the instance's certificates (default: the kind; a second one of a kind needs another); `number`: none: made from kind, year
and instance; `valid_from`, `valid_until`: dates (the whole last day counts) or instants, none: no bound; `holder`: a name; `lines`: what
stands on the paper, a list of {zh, en, value} (and value_en where it reads otherwise in English); `public`: what the public register
shows (of it only what the setting or `SHOWN` names), none: it is not in it. It answers {id, number, hash}. The verification code is in no
answer, for answers are kept: `code_of` makes it again.

`certificate_state` changes what became of one: `state` (valid: a suspension is lifted; suspended, revoked, replaced), `why`, and which:
`id` of this instance's, or `number` of any in the same world (a renewal replaces what another case granted); neither: this instance's
newest. Revoked and replaced are for ever (行政许可法 69, 70): whoever comes later is told by the error `certificate_final`.

A code has 140 bits (twenty more than anybody searches). It follows from instance and id by the city's key, and what is kept of it is a
keyed hash: whoever reads the database can neither show a code nor make a paper that verifies."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine import effects, numbers, settings, steps, vault
from engine.errors import BusinessError, Invalid
from engine.events import Event
from engine.public import codes
from engine.tables import certificate

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

VALID, SUSPENDED, REVOKED, REPLACED = "valid", "suspended", "revoked", "replaced"
NOT_YET, EXPIRED = "not_yet", "expired"
"""What the dates alone say of one that is otherwise valid."""
FINAL = frozenset({REVOKED, REPLACED})

DEFAULTS: dict[str, Any] = {"certificate_kinds": {}}
"""`certificate_kinds`: {kind: {prefix, zh, en (how it is called), article_zh, article_en, authority_zh, authority_en, remark_zh, remark_en,
public: {name: {zh, en, values: {value: {zh, en}}}} (what the public register shows of `public`)}}."""

SHOWN = ("segment", "place", "site", "area", "purpose", "type", "area_m2")
"""What may be public of any certificate; what else may be, the setting names by kind."""

_CODE = 8
"""Characters of a number that come from the instance: 40 bits, and whoever verifies brings the code as well."""


def issue(core: Core, seen: Seen, writes: WriteSet, parameters: Row) -> Row:
    """The action `certificate`. Invalid where a parameter makes no sense; issuing one again changes nothing."""
    kind = _word(parameters.get("kind"), 40)
    if not kind:
        raise Invalid(why_zh="证书没有种类", why_en="the certificate has no kind")
    which = _word(parameters.get("id"), 60) or kind
    there = of_instance(core, writes.instance_id)
    for row in there:
        if row["id"] == which:
            return {"id": which, "number": row["number"], "hash": row["hash"]}
    zone = seen.world.zone
    row = {
        "id": which,
        "world_id": seen.world.id,
        "kind": kind,
        "number": _word(parameters.get("number"), 80) or _number(core, seen, writes.instance_id, kind, len(there)),
        "issued_at": seen.now,
        "valid_from": instant(parameters.get("valid_from"), zone, last=False),
        "valid_until": instant(parameters.get("valid_until"), zone, last=True),
        "state": VALID,
        "why": "",
        "data": {"holder": _word(parameters.get("holder"), 200), "lines": _lines(parameters.get("lines"))},
        "public": _public(parameters.get("public"), {*SHOWN, *kinds(core).get(kind, {}).get("public", {})}),
    }
    if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
        raise Invalid(why_zh="证书有效期的结束早于开始", why_en="the certificate would end before it begins")
    row["hash"] = digest(row)
    row["words"] = words(row)
    code = codes.written(_codes(writes.instance_id, which)[0])
    writes.insert(certificate, **row, code_hash=_keyed(code)[0])
    return {"id": which, "number": row["number"], "hash": row["hash"]}


def change(core: Core, instance_id: int, parameters: Row) -> Row:
    """The action `certificate_state`, a step on whose it is. BusinessError `certificate_unknown`, `certificate_final`."""
    state, why = parameters.get("state"), str(parameters.get("why") or "")[:2000]
    if state not in (VALID, SUSPENDED, REVOKED, REPLACED):
        raise Invalid(why_zh=f"没有这种证书状态：{state}", why_en=f"there is no such state of a certificate: {state}")
    world_id = steps.read(core, instance_id).world.id
    found = _meant(core, instance_id, world_id, parameters)
    if found is None:
        raise BusinessError("certificate_unknown", {"code": "certificate_unknown"})
    owner, which = int(found["instance_id"]), str(found["id"])

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = next(one for one in of_instance(core, owner) if one["id"] == which)
        told: Row = {"id": which, "number": row["number"], "state": state}
        if row["state"] == state:
            return told
        if row["state"] in FINAL:
            raise BusinessError("certificate_final", {"code": "certificate_final", "state": row["state"]})
        writes.update(certificate, id=which, state=state, why=why)
        said = {**told, "before": row["state"], "why": why}
        effects.record(seen, writes, Event.ACTION_DONE, data={"name": "certificate_state", "result": said})
        return told

    return steps.run(core, owner, plan)


def of_instance(core: Core, instance_id: int) -> list[Row]:
    """The certificates that an instance granted, the oldest first."""
    query = select(certificate).where(certificate.c.instance_id == instance_id)
    with core.db.read() as connection:
        rows = connection.execute(query.order_by(certificate.c.issued_at, certificate.c.id)).mappings()
        return [dict(row) for row in rows]


def standing(row: Mapping[str, Any], now: datetime) -> str:
    """What a certificate is at an instant: its state, and what its dates say where that is `valid`."""
    if row["state"] != VALID:
        return str(row["state"])
    if row["valid_until"] is not None and now > row["valid_until"]:
        return EXPIRED
    if row["valid_from"] is not None and now < row["valid_from"]:
        return NOT_YET
    return VALID


def code_of(row: Mapping[str, Any]) -> str:
    """The verification code of a certificate, made again: by the key under which it was issued, however many keys came since. LookupError
    when the city has that key no more."""
    for made in _codes(row["instance_id"], row["id"]):
        code = codes.written(made)
        if opens(row, code):
            return code
    raise LookupError("the key of this certificate's code is gone")


def opens(row: Mapping[str, Any], typed: str) -> bool:
    """Whether somebody showed the code of this certificate, spaces and hyphens aside. As slow for a wrong one as for the right one."""
    code = codes.clean(typed) or ""
    known = [hmac.compare_digest(str(row["code_hash"]), one) for one in _keyed(code)]
    return bool(code) and any(known)


def digest(row: Mapping[str, Any]) -> str:
    """The hash of a certificate as it was issued: over kind, number, dates, holder, lines, and what is public of it."""
    dates = (_text(row[name]) for name in ("issued_at", "valid_from", "valid_until"))
    said = [row["kind"], row["number"], *dates, row["data"], row["public"]]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def words(row: Mapping[str, Any]) -> str:
    """What a certificate is found by in the public register: its number and what is shown of it; nothing else."""
    if row["public"] is None:
        return ""
    return " ".join([row["number"], *(str(value) for value in row["public"].values())]).casefold()[:4000]


def kinds(core: Core) -> dict[str, Row]:
    """How certificates are called in this city, by kind."""
    with core.db.read() as connection:
        found: dict[str, Row] = settings.read(connection, DEFAULTS)["certificate_kinds"]
    return found


def instant(value: Any, zone: ZoneInfo, *, last: bool) -> datetime | None:
    """A date or an instant as text, or none. A date is its first moment here, with `last` its last second. Invalid when it is neither."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str) and len(value) > len("2026-01-01"):
            at = datetime.fromisoformat(value.partition("@")[0])
            return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
        day = date.fromisoformat(str(value))
        at = datetime.combine(day, time(), zone)
        return ((at + timedelta(days=1) - timedelta(seconds=1)) if last else at).astimezone(UTC)
    except ValueError as error:
        raise Invalid(why_zh=f"不是日期：{value}", why_en=f"this is no date: {value}") from error


# ---------------------------------------------------------------- inside


def _number(core: Core, seen: Seen, instance_id: int, kind: str, there: int) -> str:
    """Kind, year, and characters of the instance: no row is fought over for the next number."""
    prefix = kinds(core).get(kind, {}).get("prefix") or kind.upper()[:12]
    year = seen.now.astimezone(seen.world.zone).year
    more = f"-{there + 1}" if there else ""
    return f"{prefix}{year}-{numbers.code(instance_id, _CODE)}{more}"


def _codes(instance_id: int, which: str) -> tuple[bytes, ...]:
    return vault.derive("certificate code", f"{instance_id}\0{which}")


def _keyed(code: str) -> list[str]:
    return ["hmac-sha256:" + one.hex() for one in vault.derive("certificate code kept", code)]


def _meant(core: Core, instance_id: int, world_id: int, parameters: Row) -> Row | None:
    number, which = _word(parameters.get("number"), 80), _word(parameters.get("id"), 60)
    if number:
        query = select(certificate).where(certificate.c.number == number, certificate.c.world_id == world_id)
        with core.db.read() as connection:
            row = connection.execute(query.order_by(certificate.c.issued_at.desc()).limit(1)).mappings().first()
        return dict(row) if row is not None else None
    own = of_instance(core, instance_id)
    return next((row for row in reversed(own) if which in ("", row["id"])), None)


def _lines(value: Any) -> list[Row]:
    given: Sequence[Any] = value if isinstance(value, list) else []
    lines = []
    for one in given:
        if isinstance(one, dict) and (said := _said(one.get("value"))):
            zh, en = _word(one.get("zh"), 60), _word(one.get("en"), 60)
            line = {"zh": zh or en, "en": en or zh, "value": said}
            english = _said(one.get("value_en"))
            lines.append({**line, "value_en": english} if english and english != said else line)
    return lines


def _public(value: Any, named: set[str]) -> Row | None:
    """What nobody has a name for is not made public, whatever the diagram hands over."""
    if not isinstance(value, dict):
        return None
    return {str(name): said for name, said in value.items() if name in named and said is not None}


def _said(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return "、".join(_said(one) for one in value)[:500]
    return "" if value is None or isinstance(value, dict) else str(value)[:500]


def _word(value: Any, most: int) -> str:
    return str(value).strip()[:most] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _text(value: datetime | None) -> str:
    return value.astimezone(UTC).isoformat() if value is not None else ""
