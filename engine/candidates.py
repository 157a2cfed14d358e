"""Who is to do a task that opened: the rule that the diagram gives, asked of the organisation as it is. Somebody always is, or the step
fails with the node's name and becomes an incident: a task for nobody is never made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import definitions, feel, not_of
from engine.bpmn.model import Kind
from engine.bpmn.outcome import Opened
from engine.bpmn.running import Run
from engine.bpmn.runtime.held import SIGNER, VOTER
from engine.bpmn.settings import Candidates, Choice
from engine.errors import StepFailed
from engine.organisation import snapshot
from engine.tables import application, duty, person, task, turn

if TYPE_CHECKING:
    from engine.steps import Step

NOBODYS_POST = "operator"
"""Who gets a task for which the diagram names nobody (a file from another tool): it is never lost, and lint says so."""

TECHNICAL = "public"
"""The login in whose name the public's acts are written: nobody logs in by it, so only tasks of applicants with a code are its own."""

LEVELS = 9
"""The most levels up that a rule may ask for: no city has more."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom a task is for: all who hold the post in the unit, or (`assignee`) one person. `fallback`: nobody fitted the rule itself."""

    unit_id: int | None
    post_key: str | None
    assignee: int | None = None
    fallback: bool = False


def find(step: Step, run: Run, opened: Opened, recused: frozenset[int]) -> Offer:
    """Whom an opened task is for. `recused`: units that the case is about, of which nobody gets it. StepFailed when nobody fits."""
    wanted = opened.node.settings.candidates
    if wanted is None and opened.person is None and opened.node.kind is not Kind.START:
        return Offer(None, NOBODYS_POST)
    search = _Search(step, run, opened, recused)
    if opened.node.kind is Kind.START:  # sent back to the start
        return search.of_start(opened.person)
    if opened.person is not None and opened.role in (SIGNER, VOTER):
        return search.signer(opened.person)
    offer = search.offer(wanted) if wanted is not None else Offer(None, NOBODYS_POST)
    return search.preferring(opened.person, offer) if opened.person is not None else offer


class _Search:
    """The rule of one task, applied."""

    def __init__(self, step: Step, run: Run, opened: Opened, recused: frozenset[int]) -> None:
        self.step, self.run, self.opened, self.recused = step, run, opened, recused
        self.core = step.core
        self.city = snapshot.of(self.core, step.seen.organisation)
        self.tried: list[tuple[str, str]] = []

    def offer(self, wanted: Candidates) -> Offer:
        """The rule itself, then its fallback."""
        found = self._named(wanted) or self._of_post(wanted)
        if found is None or (found.assignee is None and self._all_barred(found) and _has_fallback(wanted)):
            found = self._fallback(wanted) or found
        if found is None:
            zh, en = (
                "；".join(each[0] for each in self.tried),
                "; ".join(each[1] for each in self.tried),
            )
            raise StepFailed(node=self.opened.node.id, why=f"nobody fits: {en}", why_zh=f"找不到办理人：{zh}")
        return found

    def signer(self, who: int) -> Offer:
        """Somebody who was added gives an opinion or votes, whatever post they hold. StepFailed when they may not work this case."""
        units = self.city.units_of.get(who, frozenset())
        if not units or not self._may(who):
            raise StepFailed(
                node=self.opened.node.id,
                why=f"person {who} may not be asked for an opinion on this case",
                why_zh=f"人员 {who} 不能参与本案",
            )
        return Offer(None, None, who)

    def of_start(self, who: int | None) -> Offer:
        """Who started the case says once more what was said at the start; where they cannot, the operators see to it."""
        able = who is not None and who in self.city.units_of and self._may(who)
        return Offer(None, None, who) if able else Offer(None, NOBODYS_POST)

    def preferring(self, who: int, offer: Offer) -> Offer:
        """The same offer, given to this person if they hold the post it goes to; else to whom the rule means."""
        if offer.post_key is None:
            return offer if offer.assignee is not None else replace(offer, assignee=who)
        able = who in self._holders(offer.unit_id, offer.post_key) and self._may(who)
        return replace(offer, assignee=who) if able else offer

    # ------------------------------------------------------------ one person

    def _named(self, wanted: Candidates) -> Offer | None:
        """The person that the rule names, when they can."""
        if wanted.starter:
            refs: list[Any] = [self.step.seen.instance.get("starter_id")]
        elif wanted.person is not None:
            value = self._value(wanted.person)
            refs = value if isinstance(value, list) else [value]
        else:
            return None
        known = [who for ref in refs if (who := self.city.known(ref)) is not None]
        able = [who for who in known if self._may(who) or (wanted.starter and self._applied(who))]
        who = self._one(able, wanted.choose, None, "") if able else None
        if who is None:
            shown = ", ".join(str(ref) for ref in refs if ref is not None) or "null"
            self.tried.append((f"人员 {shown}", f"person {shown}"))
            return None
        post_key = self._value(wanted.post)
        unit_id = self._unit(wanted.unit) if post_key else None
        if not post_key or not self._holders(unit_id, post_key):
            return Offer(None, None, who)
        return Offer(unit_id, post_key, who)

    def _may(self, who: int) -> bool:
        """Whether this person may work the case and this task at all. Nobody logs in as the technical person of the public."""
        if who in self.barred or self.recused & self.city.units_of.get(who, frozenset()):
            return False
        if self.kept_out & self.city.of_human(who):
            return False
        return who != self.city.logins.get(TECHNICAL)

    def _applied(self, who: int) -> bool:
        """Whether this is the public, and somebody holds the receipt code by which they applied for this case: then their part of it is
        done with that code (`engine.public.applying`), in the name of the technical person."""
        if who != self.city.logins.get(TECHNICAL) or who in self.barred:
            return False
        query = select(application.c.instance_id).where(application.c.instance_id == self.step.writes.instance_id)
        with self.core.db.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    @cached_property
    def barred(self) -> frozenset[int]:
        """Who did what a four-eyes rule keeps apart from this task, by every account of theirs."""
        did = self.run.barred(self.opened.id, self.step.seen.instance.get("starter_id"))
        return frozenset(account for who in did for account in self.city.accounts(who))

    @cached_property
    def kept_out(self) -> frozenset[int]:
        """The units whose people the rule keeps from it (`notOf`). StepFailed when it names none that exists."""
        return not_of.units(self.core, self.city, self.step.seen.world.realm, self.run, self.opened)

    # ------------------------------------------------------------ those who hold a post

    def _of_post(self, wanted: Candidates) -> Offer | None:
        """Those who hold the post that the rule gives, or the one of them that it picks."""
        if wanted.head is not None:
            place = self._head(wanted)
        elif wanted.post is not None:
            place = self._place(wanted.unit, wanted.post)
        else:
            return None
        return self._picked(place, wanted.choose) if place is not None else None

    def _picked(self, place: Offer, choose: Choice | None) -> Offer | None:
        if choose is None:
            return place
        post_key = place.post_key or ""
        able = [who for who in self._holders(place.unit_id, post_key) if self._may(who)]
        if choose is Choice.DUTY:
            on_duty = self._on_duty(place.unit_id, post_key)
            able = [who for who in on_duty if who in able]
            if not able:
                self._say(place.unit_id, post_key, "无人值班", "nobody on duty")
                return None
        who = self._one(able, choose, place.unit_id, post_key)
        return replace(place, assignee=who)  # none: all of them are barred; it waits for somebody who is not

    def _head(self, wanted: Candidates) -> Offer | None:
        """The head so many levels above a unit: of the first post that makes somebody head and is held there."""
        unit_id = self._unit(wanted.unit) if wanted.unit is not None else self._starters_unit()
        levels = self._value(wanted.head)
        number = int(levels) if isinstance(levels, int) or str(levels).isdecimal() else -1
        above = self.city.above(unit_id, number) if 0 <= number <= LEVELS else None
        for post_key in self.city.heads if above is not None else ():
            if above not in self.recused | self.kept_out and self._holders(above, post_key):
                return Offer(above, post_key)
        shown = self.core.unit_key(unit_id)
        self.tried.append((f"单位 {shown!r} 上 {levels} 级的负责人", f"head {levels} levels above unit {shown!r}"))
        return None

    def _starters_unit(self) -> int | None:
        starter = self.step.seen.instance.get("starter_id")
        if self.step.seen.actor is not None and self.step.seen.actor.id == starter and self.step.seen.actor.own_posts:
            return self.step.seen.actor.own_posts[0].unit_id
        return min(self.city.units_of.get(starter, ()), default=None) if starter is not None else None

    def _place(self, unit: Any, post: Any) -> Offer | None:
        """Unit and post, when somebody holds them."""
        post_key, unit_key = self._value(post), self._value(unit)
        unit_id = self.core.unit_id(unit_key, self.step.seen.world.realm) if isinstance(unit_key, str) else None
        known = unit is None or (unit_id is not None and unit_id not in self.recused | self.kept_out)
        if known and isinstance(post_key, str) and post_key and self._holders(unit_id, post_key):
            return Offer(unit_id, post_key)
        self.tried.append((f"单位 {unit_key!r}，岗位 {post_key!r}", f"unit {unit_key!r}, post {post_key!r}"))
        return None

    def _fallback(self, wanted: Candidates) -> Offer | None:
        if not _has_fallback(wanted):
            return None
        post = wanted.fallback_post if self._value(wanted.fallback_post) else wanted.post
        found = self._place(wanted.fallback_unit, post)
        return replace(found, fallback=True) if found is not None else None

    def _holders(self, unit_id: int | None, post_key: str) -> list[int]:
        """Who holds it now; before an empty answer the database is asked."""
        at = self.step.seen.wall
        found = self.city.holders(unit_id, post_key, at)
        if not found:
            self.city = snapshot.asking_again(self.core, self.city, unit_id, post_key)
            found = self.city.holders(unit_id, post_key, at)
        if self.recused and unit_id is None:
            found = [who for who in found if not self.recused & self.city.units_of.get(who, frozenset())]
        return found

    def _all_barred(self, offer: Offer) -> bool:
        """Whether nobody whom it is offered to may do it, for four-eyes or the units kept from it."""
        if offer.post_key is None or not (self.barred or self.kept_out):
            return False
        return not any(
            who not in self.barred and self.kept_out.isdisjoint(self.city.of_human(who))
            for who in self._holders(offer.unit_id, offer.post_key)
        )

    # ------------------------------------------------------------ one of several

    def _one(self, able: Sequence[int], choose: Choice | None, unit_id: int | None, post_key: str) -> int | None:
        """The one it is given to. Those for whom another stands in come last."""
        here = [who for who in able if not self.city.is_away(who, self.step.seen.wall)] or list(able)
        if not here:
            return None
        if choose is Choice.TURN:
            return sorted(here)[self._turn(unit_id, post_key) % len(here)]
        if choose is Choice.LOAD:
            loads = self._loads(here)
            return min(here, key=lambda who: (loads.get(who, 0), who))
        return here[0]

    def _turn(self, unit_id: int | None, post_key: str) -> int:
        """The number of a turn, taken in a transaction of its own: a step that fails later loses it, no two steps get the same."""
        called = self.opened.definition
        process = definitions.get(self.core, called).key if called is not None else self.step.definition.key
        key = f"{self.step.seen.world.id}/{process}/{self.opened.node.id}/{unit_id or '*'}/{post_key}"
        if len(key) > 200:  # the width of the column
            key = "sha256:" + hashlib.sha256(key.encode()).hexdigest()
        new = (postgresql if self.core.db.postgresql else sqlite).insert(turn).values(key=key, n=0)
        taken = new.on_conflict_do_update(index_elements=[turn.c.key], set_={"n": turn.c.n + 1}).returning(turn.c.n)
        with self.core.db.write() as connection:
            return int(connection.execute(taken).scalar_one())

    def _loads(self, people: Iterable[int]) -> dict[int, int]:
        """How many open tasks each has, those that this step gave them counted."""
        query = (
            select(task.c.assignee_id, func.count())
            .where(task.c.assignee_id.in_(people), task.c.state == "open", task.c.world_id == self.step.seen.world.id)
            .group_by(task.c.assignee_id)
        )
        with self.core.db.read() as connection:
            found: dict[int, int] = dict(connection.execute(query).all())
        for row in self.step.opened:
            if row["assignee_id"] is not None:
                found[row["assignee_id"]] = found.get(row["assignee_id"], 0) + 1
        return found

    def _on_duty(self, unit_id: int | None, post_key: str) -> list[int]:
        """Who is on duty for the post at the step's business time, the longest first."""
        now = self.step.now
        query = (
            select(duty.c.person_id)
            .join(person, person.c.id == duty.c.person_id)
            .where(duty.c.post_key == post_key, duty.c.since <= now, duty.c.until > now, person.c.active)
            .order_by(duty.c.since, duty.c.id)
        )
        if unit_id is not None:
            query = query.where(duty.c.unit_id == unit_id)
        with self.core.db.read() as connection:
            return list(connection.execute(query).scalars())

    # ------------------------------------------------------------ small

    def _value(self, value: Any) -> Any:
        return feel.to_json(self.run.value(value, self.opened.scope))

    def _unit(self, value: Any) -> int | None:
        key = self._value(value)
        return self.core.unit_id(key, self.step.seen.world.realm) if isinstance(key, str) else None

    def _say(self, unit_id: int | None, post_key: str, zh: str, en: str) -> None:
        shown = self.core.unit_key(unit_id)
        self.tried.append((f"单位 {shown!r}，岗位 {post_key!r}：{zh}", f"unit {shown!r}, post {post_key!r}: {en}"))


def _has_fallback(wanted: Candidates) -> bool:
    return wanted.fallback_unit is not None or wanted.fallback_post is not None
