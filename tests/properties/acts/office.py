"""A city in which people do anything to anything, and what must be true after each act, told from the rows and the tree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from engine import effects
from engine.bpmn.runtime import held
from engine.clock import ManualClock
from engine.errors import Invalid, NotAllowed, NotFound, Suspended, TaskGone
from engine.steps import Seen
from engine.tables import history
from engine.worlds import get as get_world
from forms.errors import InvalidAnswers
from tests import laws
from tests.db import organising
from tests.properties.acts.counting import SPOKEN, carried
from tests.properties.acts.doing import ACTS, PEOPLE, complete, resume
from tests.properties.acts.trees import Tree, plant, terms
from web.city import City
from web.wiring import open_city

Row = dict[str, Any]
REFUSALS = (Invalid, NotAllowed, NotFound, Suspended, TaskGone, InvalidAnswers)
"""What an act may answer that is not done. Anything else, and any incident, is a fault."""

ENDED = ("completed", "cancelled", "rejected")


class Office:
    """One city on a manual clock, seen through two nodes."""

    def __init__(self, url: str, began: datetime) -> None:
        self.url = url
        self.clock = ManualClock(began)
        self.nodes = [self._open(), self._open()]
        self.tally: Counter[str] = Counter()
        self.trees: dict[int, Tree] = {}
        self.keys = 0
        for login in PEOPLE:
            organising.hire(self.nodes[0], login, "market_regulation", "reviewer")
        self.ids = {login: self.nodes[0].actor(login).id for login in PEOPLE}
        self.places = laws.Places(self.nodes[0])
        self.logins = {id_: login for login, id_ in self.ids.items()}

    def _open(self) -> City:
        return open_city(self.url, self.clock, durable=False)

    def close(self) -> None:
        """Give connections back."""
        for node in self.nodes:
            node.close()

    def restart(self, place: int) -> None:
        """One node goes and comes again: it remembers nothing."""
        self.nodes[place].close()
        self.nodes[place] = self._open()

    def node(self, rng: random.Random) -> City:
        """Any of the nodes."""
        return rng.choice(self.nodes)

    def tree(self, seed: int) -> Tree:
        """The process of a seed, deployed."""
        if seed not in self.trees:
            planted = plant(seed)
            self.nodes[0].deploy(planted.files)
            self.trees[seed] = planted
        return self.trees[seed]

    def rows(self, table: Any, case: int) -> list[Row]:
        """Rows of a hot table of one case."""
        return laws.rows(self.nodes[0], table, case)

    def key(self) -> str:
        """A new idempotency key."""
        self.keys += 1
        return f"act{self.keys}"


class Case:
    """One instance of a tree, and what is remembered of it to be compared."""

    def __init__(self, office: Office, seed: int, rng: random.Random) -> None:
        self.office = office
        self.tree = office.tree(seed)
        members = rng.sample(PEOPLE, rng.choice((1, 2, 3)))
        given = {"dice": rng.randrange(8), "members": members}
        self.id = office.node(rng).start(self.tree.key, {}, rng.choice(PEOPLE), given=given)
        self.due: dict[str, datetime] = {}
        self.status = "active"
        self.only: tuple[str, ...] = ()
        """Acts that are done to it; none: any."""
        self.story: list[str] = [f"{self.tree.key} {self.tree.root}", f"{given}"]
        self.suspended_at: datetime | None = None
        self.seen_at: datetime | None = None
        self.shift = timedelta()
        self.check()

    # ------------------------------------------------------------ acts

    @property
    def ended(self) -> bool:
        """Nothing is left to do."""
        return self.status in ENDED

    def act(self, rng: random.Random) -> bool:
        """One act of somebody, which is done or refused in words; then the laws. False when there was nothing to do it to."""
        try:
            return self._act(rng)
        except Exception as error:
            error.add_note("\n".join(self.story[:2] + self.story[-12:]))
            raise

    def _act(self, rng: random.Random) -> bool:
        self._look_again()
        if self.ended:
            return False
        self.said = ""
        names = tuple(ACTS)
        name = rng.choice(self.only) if self.only else rng.choices(names, [ACTS[each][0] for each in names])[0]
        tasks = [t for t in self.tasks if t["state"] in ("open", "suspended")]
        self.story.append(f"{name} … of {[(t['id'], t['node'], t['state'], t['role']) for t in tasks]}")
        try:
            done = ACTS[name][1](self, rng, tasks)
        except REFUSALS as error:
            done = None
            self.office.tally[f"{name} refused ({type(error).__name__})"] += 1
            self.story[-1] += f" -> {type(error).__name__}: {error} [{self.said}]"
        else:
            if done is False:
                return False
            self.office.tally[name] += 1
            self.story[-1] += f" -> done [{self.said}]"
        self.check()
        return True

    def who(self, rng: random.Random, row: Row) -> str:
        """Mostly somebody who can, now and then anybody."""
        if rng.random() < 0.1:
            return rng.choice((*PEOPLE, "lvshuhua"))
        return self.office.logins.get(row["assignee_id"]) or rng.choice(PEOPLE)

    def twice(self, rng: random.Random, act: Callable[[str], Any]) -> Any:
        """An act, and now and then the same request again: one effect, the same answer."""
        key = self.office.key()
        self.story[-1] += f" [{self.said}]"
        first = act(key)
        if rng.random() < 0.1:
            before = self.office.rows(history, self.id)
            assert act(key) == first
            assert self.office.rows(history, self.id) == before
            self.office.tally["repeated"] += 1
        return first

    def ref(self, row: Row) -> str:
        """A task's public name."""
        return f"{self.id}.{row['id']}"

    # ------------------------------------------------------------ laws

    def _look_again(self) -> None:
        """What another case's people did may have let time pass, and timers of this one fire."""
        if self.seen_at != self.office.clock.now():
            self.check()

    def check(self) -> None:
        """Everything that must be true now."""
        self.seen_at = self.office.clock.now()
        city = self.office.nodes[0]
        rows = laws.look(city, self.id, self.office.places)
        (row,), tasks, trail = rows["instance"], rows["task"], rows["history"]
        self.status, self.tasks = row["status"], tasks
        waiting = [t for t in tasks if t["state"] in ("open", "suspended")]
        assert not [h for h in trail if h["kind"] == "failed"], "no act leads to an incident"
        self._together(waiting)
        self._timers(row, rows["job"])
        self._joins(trail)
        self._told(row, tasks, trail)
        self._votes(row, trail)

    def _together(self, waiting: list[Row]) -> None:
        """No two tasks are open that the tree keeps apart: no branch runs twice, none runs on past a join that still waits for it."""
        mine = [t for t in waiting if t["role"] is None]
        for number, one in enumerate(mine):
            for other in mine[number + 1 :]:
                a, b = one["node"], other["node"]
                if not self._fits(a, b):
                    apart = self._on_a_detour(one["id"]) or self._on_a_detour(other["id"])
                    assert apart, f"{a} and {b} are open together"

    def _fits(self, a: str, b: str) -> bool:
        """Whether the tree lets these two nodes have open tasks at the same time."""
        if a == b:
            return self.tree.repeats(a)
        free = "S" in (a, b) or self.tree.stands_beside(a) or self.tree.stands_beside(b)
        return free or self.tree.together(a, b)

    def _on_a_detour(self, task_id: int) -> bool:
        """Whether it lies in an activity to which something was sent back for a while, beside all else that goes on."""
        city = self.office.nodes[0]
        row = city.instance(self.id)
        _, run = effects.resume(city.core, Seen(row, get_world(city.core, row["world_id"]), None, {}, {}, None))
        token = run.workflow.find(task_id)
        while token is not None:
            if token.internal_data.get(held.ROLE) == held.DETOUR:
                return True
            token = token.host or token.workflow.host
        return False

    def _timers(self, row: Row, jobs: list[Row]) -> None:
        """A timer keeps its due time, whatever happens beside it; a suspended one moves on by the time it stood."""
        now = {j["id"]: j for j in jobs if j["kind"] == "timer"}
        for id_, each in now.items():
            if id_ in self.due:
                assert each["due_at"] == self.due[id_], f"timer {id_} was moved"
            assert (each["state"] == "waiting") == (row["status"] != "suspended"), each
        self.due = {id_: each["due_at"] for id_, each in now.items()}

    def _joins(self, trail: list[Row]) -> None:
        """A parallel join goes on once for each time its split did, or somebody put a token behind it."""
        pairs = self.tree.joins()
        passed: Counter[str] = Counter()
        moved = 0
        for each in trail:
            moved += each["kind"] in ("returned", "withdrawn", "token_moved")
            for node in (each["data"] or {}).get("path", ()):
                passed[node.rpartition("/")[2]] += 1
        for join, split in pairs:
            assert passed[join] <= passed[split] + moved, f"{join} went on too often"

    def _told(self, row: Row, tasks: list[Row], trail: list[Row]) -> None:
        """What became of each task and of the case stands in its history."""
        kinds = Counter(h["kind"] for h in trail)
        states = Counter(t["state"] for t in tasks)
        assert (row["status"] == "rejected") == (kinds["rejected"] == 1), row["status"]
        assert (row["status"] == "cancelled") == (kinds["cancelled"] == 1), row["status"]
        assert states["rejected"] == kinds["rejected"]
        about = {h["task_id"] for h in trail if h["kind"] in ("returned", "withdrawn", "signers_added")}
        for each in tasks:
            if each["state"] == "returned":
                assert each["closed_by"] is not None
        assert states["returned"] == 0 or about, "somebody sent it back, withdrew it or added signers"

    def _votes(self, row: Row, trail: list[Row]) -> None:
        """A vote came out as its terms say, whatever those who were not asked any more might have said; each word in it was given."""
        given = {
            (h["node"], self.office.logins.get(h["actor_id"]), (h["data"].get("answers") or {}).get("agree"))
            for h in trail
            if h["kind"] == "completed"
        }
        for name, result in row["facts"].items():
            if not name.startswith("vote_"):
                continue
            node = name.removeprefix("vote_").upper()
            said = [each["vote"] for each in result["votes"]]
            assert result["passed"] == carried(terms(node), said), (terms(node), result)
            self.office.tally["votes " + ("carried" if result["passed"] else "not carried")] += 1
            spoken = Counter(word for word in said if word in SPOKEN)
            assert all(result[word] == spoken[word] for word in SPOKEN), result
            words = {word for at, _, word in given if at == node}
            assert set(spoken) <= words, (spoken, words)

    # ------------------------------------------------------------ to the end

    def finish(self, rng: random.Random) -> None:
        """Whatever was done to it, people can still bring it to its one end."""
        office = self.office
        self._look_again()
        if self.status == "suspended":
            resume(self, rng, [])
        for _ in range(400):
            if self.ended:
                break
            tasks = [t for t in self.tasks if t["state"] == "open"]
            if tasks:
                complete(self, rng, tasks, surely=True)
            else:
                office.clock.advance(timedelta(hours=2))
                office.nodes[0].run_due()
            self.check()
        assert self.ended, "it comes to no end"
        if self.status == "completed":
            trail = office.rows(history, self.id)
            path = [n for h in trail for n in (h["data"] or {}).get("path", ())]
            assert path.count("E") == 1, "it ends once"
        office.tally["cases"] += 1
        office.tally[f"ended {self.status}"] += 1
