"""What a node remembers of the organisation: who holds which post where, who leads, who is away. It holds until the
organisation's revision moves on; a step reads that revision with everything else, so that asking costs no statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select

from engine.organisation import revision as revisions
from engine.tables import membership, person, post, substitution, unit
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from engine.core import Core

LEVELS = 20
"""Steps up the tree of units before it must be a circle."""


@dataclass(frozen=True, slots=True)
class Term:
    """A person for a time: none is "from ever" and "for ever"; at `until` it is over."""

    person: int
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime | None) -> bool:
        """Whether the instant lies in it. No instant: it is asked of no time in particular."""
        if at is None:
            return True
        return (self.since is None or self.since <= at) and (self.until is None or self.until > at)


Terms = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Lent:
    """What somebody stands in for: who and when (`term`), in which unit and post, for which processes; none: in all."""

    term: Term
    unit_id: int | None
    post_key: str | None
    processes: frozenset[str] | None


@dataclass(frozen=True)
class Snapshot:
    """The organisation at one revision. People who left or were switched off are not in it."""

    revision: int
    parents: Mapping[int, int | None] = field(default_factory=dict)
    held: Mapping[tuple[int, str], Terms] = field(default_factory=dict)
    anywhere: Mapping[str, Terms] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    """Keys of the posts that make their holder head of the unit."""
    logins: Mapping[str, int] = field(default_factory=dict)
    units_of: Mapping[int, frozenset[int]] = field(default_factory=dict)
    doubles: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Accounts of the same human being, of those who have several."""
    away: Mapping[int, Terms] = field(default_factory=dict)
    """Who has somebody who stands in for them in everything, and when."""
    lent: Mapping[int, tuple[Lent, ...]] = field(default_factory=dict)
    """By whom somebody stands in for."""
    people: frozenset[int] = frozenset()

    def holders(self, unit_id: int | None, post_key: str, at: datetime | None) -> list[int]:
        """Who holds the post in the unit (none: in any) at that database time, by their ids."""
        terms = self.anywhere.get(post_key, ()) if unit_id is None else self.held.get((unit_id, post_key), ())
        return sorted({term.person for term in terms if term.holds(at)})

    def is_away(self, person_id: int, at: datetime | None) -> bool:
        """Whether another stands in for them in everything at that database time."""
        return any(term.holds(at) for term in self.away.get(person_id, ()))

    def stand_ins(
        self, person_id: int, unit_id: int | None, post_key: str | None, process: str, at: datetime | None
    ) -> list[int]:
        """Who stands in for this person at that database time in a task that is offered to this post, of this process."""
        found = {
            each.term.person
            for each in self.lent.get(person_id, ())
            if each.term.holds(at)
            and (each.unit_id is None or unit_id in (None, each.unit_id))
            and (each.post_key is None or post_key in (None, each.post_key))
            and (each.processes is None or process in each.processes)
        }
        return sorted(found & self.people)

    def accounts(self, person_id: int) -> frozenset[int]:
        """Every account of the same human being."""
        return self.doubles.get(person_id) or frozenset((person_id,))

    def of_human(self, person_id: int) -> frozenset[int]:
        """Every unit this human being belongs to, by whatever account."""
        nowhere: frozenset[int] = frozenset()
        return nowhere.union(*(self.units_of.get(each, nowhere) for each in self.accounts(person_id)))

    def known(self, ref: Any) -> int | None:
        """The person an expression names, by login or id; none when nobody active is meant."""
        if isinstance(ref, str):
            found = self.logins.get(ref)
            if found is not None:
                return found
            ref = int(ref) if ref.isdecimal() and len(ref) < 10 else None  # an id has no more digits
        return ref if isinstance(ref, int) and not isinstance(ref, bool) and ref in self.people else None

    def above(self, unit_id: int | None, levels: int) -> int | None:
        """The unit so many levels up; 0 is the unit itself. None above the top."""
        for _ in range(min(levels, LEVELS)):
            unit_id = self.parents.get(unit_id) if unit_id is not None else None
        return unit_id

    def below(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """These units and every unit under them."""
        found = set(unit_ids)
        grew = bool(found)
        while grew:
            more = {one for one, parent in self.parents.items() if parent in found} - found
            grew = bool(more)
            found |= more
        return frozenset(found)


def of(core: Core, revision: int | None = None) -> Snapshot:
    """The organisation at this revision or a later one. No revision: as it is now, which costs a statement."""
    known = core.remembered
    if revision is None:
        with core.db.read() as connection:
            revision = revisions.current(connection)
    if known is None or known.revision < revision:
        core.forget_units()
        known = core.remembered = load(core)
    return known


def asking_again(
    core: Core, known: Snapshot, unit_id: int | None, post_key: str, person_id: int | None = None
) -> Snapshot:
    """Before somebody says that nobody, or that this person does not, hold a post: the same snapshot if the database says so too,
    else a fresh one (a membership was written and the revision forgotten)."""
    query = (
        select(membership.c.person_id)
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.post_key == post_key, person.c.active, *_running(membership))
        .limit(1)
    )
    if unit_id is not None:
        query = query.where(membership.c.unit_id == unit_id)
    if person_id is not None:
        query = query.where(membership.c.person_id == person_id)
    with core.db.read() as connection:
        if connection.execute(query).first() is None:
            return known
    core.remembered = load(core)
    return core.remembered


def load(core: Core) -> Snapshot:
    """Read it all: seven statements, for a city of some ten thousand people a tenth of a second."""
    with core.db.read() as connection:
        at = revisions.current(connection)  # first: what is written meanwhile belongs to a later one
        held: dict[tuple[int, str], list[Term]] = {}
        anywhere: dict[str, list[Term]] = {}
        units_of: dict[int, set[int]] = {}
        for row in connection.execute(_HELD):
            term = Term(row.person_id, row.since, row.until)
            held.setdefault((row.unit_id, row.post_key), []).append(term)
            anywhere.setdefault(row.post_key, []).append(term)
            units_of.setdefault(row.person_id, set()).add(row.unit_id)
        logins, doubles = _people(connection)
        return Snapshot(
            revision=at,
            parents=dict(connection.execute(select(unit.c.id, unit.c.parent_id)).all()),
            held=_frozen(held),
            anywhere=_frozen(anywhere),
            heads=tuple(connection.execute(select(post.c.key).where(post.c.heads).order_by(post.c.key)).scalars()),
            logins=logins,
            units_of={who: frozenset(units) for who, units in units_of.items()},
            doubles=doubles,
            away=_away(connection),
            lent=_lent(connection),
            people=frozenset(logins.values()),
        )


def _people(connection: Connection) -> tuple[dict[str, int], dict[int, frozenset[int]]]:
    logins: dict[str, int] = {}
    humans: dict[str, set[int]] = {}
    for row in connection.execute(select(person.c.id, person.c.login, person.c.active, person.c.staff_no)):
        if row.active:
            logins[row.login] = row.id
        if row.staff_no is not None:
            humans.setdefault(row.staff_no, set()).add(row.id)
    several = (frozenset(ids) for ids in humans.values() if len(ids) > 1)
    return logins, {each: ids for ids in several for each in ids}


def _away(connection: Connection) -> dict[int, Terms]:
    found: dict[int, list[Term]] = {}
    for row in connection.execute(_AWAY):
        found.setdefault(row.principal_id, []).append(Term(row.principal_id, row.since, row.until))
    return _frozen(found)


def _lent(connection: Connection) -> dict[int, tuple[Lent, ...]]:
    found: dict[int, list[Lent]] = {}
    for row in connection.execute(_LENT):
        only = frozenset(row.processes) if row.processes is not None else None
        term = Term(row.substitute_id, row.since, row.until)
        found.setdefault(row.principal_id, []).append(Lent(term, row.unit_id, row.post_key, only))
    return {key: tuple(some) for key, some in found.items()}


def _frozen(found: Mapping[Any, list[Term]]) -> dict[Any, Terms]:
    return {key: tuple(terms) for key, terms in found.items()}


def _running(table: Any) -> tuple[Any, ...]:
    return (
        or_(table.c.since.is_(None), table.c.since <= database_now()),
        or_(table.c.until.is_(None), table.c.until > database_now()),
    )


_HELD = (
    select(membership.c.person_id, membership.c.unit_id, membership.c.post_key, membership.c.since, membership.c.until)
    .join(person, person.c.id == membership.c.person_id)
    .where(person.c.active, or_(membership.c.until.is_(None), membership.c.until > database_now()))
)
_LENT = select(substitution).where(substitution.c.ended_at.is_(None), substitution.c.until > database_now())
_AWAY = select(substitution.c.principal_id, substitution.c.since, substitution.c.until).where(
    substitution.c.ended_at.is_(None),
    substitution.c.until > database_now(),
    substitution.c.unit_id.is_(None),
    substitution.c.post_key.is_(None),
    substitution.c.processes.is_(None),
)
