"""Certificates as they are looked up: by number, of a case, and as the public register shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine import access, certificates
from engine.certificates import EXPIRED, NOT_YET, VALID
from engine.errors import NotFound
from engine.tables import LIVE, certificate

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]

SIZE = 20
MOST_EXPORTED = 20_000
STATES = (VALID, NOT_YET, EXPIRED, certificates.SUSPENDED, certificates.REVOKED, certificates.REPLACED)

_c = certificate.c
_SHOWN = (_c.kind, _c.number, _c.issued_at, _c.valid_from, _c.valid_until, _c.state, _c.public)
"""What the public register reads: neither holder nor lines, so that it cannot show them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the public register. `state`: one of `STATES`; `words`: in the number or what is shown."""

    words: str = ""
    kind: str = ""
    state: str = ""
    page: int = 1


def by_number(core: Core, number: str) -> list[Row]:
    """The certificates of the live city with this number: one, or none, but for chance."""
    query = select(certificate).where(_c.number == number[:80], _c.world_id == LIVE)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query.order_by(_c.issued_at.desc()).limit(5)).mappings()]


def of_case(core: Core, actor: Actor, instance_id: int) -> list[Row]:
    """Those that a case granted, the oldest first. NotFound for who may not see the case."""
    with core.db.read() as connection:
        access.check_can_see(connection, actor, instance_id)
    return certificates.of_instance(core, instance_id)


def one_of_case(core: Core, actor: Actor, instance_id: int, which: str) -> Row:
    """One of them. NotFound."""
    return one(of_case(core, actor, instance_id), which)


def one(rows: list[Row], which: str) -> Row:
    """The one of this id among a case's. NotFound."""
    found = next((row for row in rows if row["id"] == which), None)
    if found is None:
        raise NotFound(what="certificate")
    return found


def register(core: Core, wanted: Wanted, now: datetime) -> tuple[list[Row], int]:
    """A page of the public register, the newest first, and how many there are in all."""
    where = _where(wanted, now)
    query = select(*_SHOWN).where(where).order_by(_c.issued_at.desc(), _c.number)
    with core.db.read() as connection:
        count = connection.execute(select(func.count()).select_from(certificate).where(where)).scalar_one()
        rows = connection.execute(query.offset((max(1, wanted.page) - 1) * SIZE).limit(SIZE)).mappings()
        return [dict(row) for row in rows], int(count)


def everything(core: Core, wanted: Wanted, now: datetime) -> list[Row]:
    """The same without pages, at most `MOST_EXPORTED`."""
    query = select(*_SHOWN).where(_where(wanted, now)).order_by(_c.issued_at.desc(), _c.number).limit(MOST_EXPORTED)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _where(wanted: Wanted, now: datetime) -> ColumnElement[bool]:
    found = [_c.world_id == LIVE, _c.words != ""]  # what is in no public register has no words
    if wanted.kind:
        found.append(_c.kind == wanted.kind)
    found += [_c.words.contains(word, autoescape=True) for word in wanted.words.casefold().split()[:5]]
    over, early = _c.valid_until < now, _c.valid_from > now
    if wanted.state == EXPIRED:
        found += [_c.state == VALID, over]
    elif wanted.state == NOT_YET:
        found += [_c.state == VALID, early, or_(_c.valid_until.is_(None), ~over)]
    elif wanted.state == VALID:
        found += [_c.state == VALID, or_(_c.valid_until.is_(None), ~over), or_(_c.valid_from.is_(None), ~early)]
    elif wanted.state:
        found.append(_c.state == wanted.state)
    return and_(*found)
