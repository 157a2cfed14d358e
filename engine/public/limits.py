"""How often somebody of the public may do something: counted in the database, shared by all nodes, for a day. Addresses and telephone
numbers are kept as keyed hashes only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from engine import vault
from engine.errors import LiandongError
from engine.public import terms
from engine.tables import attempt

if TYPE_CHECKING:
    from engine.core import Core

REPORT, PHONE, CODE, UPLOAD = "public_report", "public_phone", "public_code", "public_upload"
ALL = (REPORT, PHONE, CODE, UPLOAD)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TooOften(LiandongError):
    """An address or a telephone number did something more often than the city allows."""

    code = "too_often"
    status = 429
    zh = "操作过于频繁，请过一会儿再试。紧急情况请拨打 12345 或 110。"
    en = "This was done too often; please try again later. In an emergency call 12345 or 110."


def check_post(core: Core, address: str) -> None:
    """Before a report's files are even read: a form may be refused and sent again, so five times as often as reports."""
    with core.db.read() as connection:
        most = 5 * int(terms.read(connection)["public_reports_by_address_and_hour"])
        if _count(core, connection, UPLOAD, address, HOUR) >= most:
            raise TooOften
    _note(core, {UPLOAD: address}, good=True)


def check_report(core: Core, address: str, phone: str | None) -> None:
    """One more report. TooOften by address or telephone."""
    with core.db.read() as connection:
        allowed = terms.read(connection)
        if _count(core, connection, REPORT, address, HOUR) >= int(allowed["public_reports_by_address_and_hour"]):
            raise TooOften
        if phone and _count(core, connection, PHONE, phone, DAY) >= int(allowed["public_reports_by_phone_and_day"]):
            raise TooOften


def note_report(core: Core, address: str, phone: str | None) -> None:
    """A report was taken."""
    _note(core, {REPORT: address, **({PHONE: phone} if phone else {})}, good=True)


def reports_of(core: Core, address: str) -> int:
    """Reports from an address within the hour."""
    with core.db.read() as connection:
        return _count(core, connection, REPORT, address, HOUR)


def check_code(core: Core, address: str) -> None:
    """Before a code is looked up. TooOften after too many that were none."""
    with core.db.read() as connection:
        most = int(terms.read(connection)["public_wrong_codes_by_address_and_hour"])
        if _count(core, connection, CODE, address, HOUR) >= most:
            raise TooOften


def note_wrong_code(core: Core, address: str) -> None:
    """Somebody showed a code that is none."""
    _note(core, {CODE: address}, good=False)


def _count(core: Core, connection: Connection, what: str, key: str, within: timedelta) -> int:
    since = core.db.now_on(connection) - within
    query = select(func.count()).where(attempt.c.what == what, attempt.c.key == _keyed(key), attempt.c.at > since)
    return int(connection.execute(query).scalar_one())


def _note(core: Core, keys: Mapping[str, str], *, good: bool) -> None:
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        for what, key in keys.items():
            connection.execute(insert(attempt).values(what=what, key=_keyed(key), at=now, good=good))
        connection.execute(delete(attempt).where(attempt.c.what.in_(ALL), attempt.c.at < now - DAY))


def _keyed(key: str) -> str:
    return vault.keyed_hash(["public", key])
