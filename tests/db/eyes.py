"""The ways round 四眼 that people try: who did the work, or somebody close to them, tries to check it. Each way brings a case to its check
and makes the forbidden attempt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import update

from engine.errors import Invalid, LiandongError, NotAllowed
from engine.organisation import revision
from engine.tables import person
from tests.bpmn.drawing import chain, end, start, tag, user
from tests.db import organising
from tests.db.talking import at_border, bundle, error
from tests.factories import task_at
from web.city import City

HANDLER, OTHER_ACCOUNT = "jia", "jia_again"
SUBSTITUTE, CHECKER, STARTER = "yi", "bing", "ding"
HANDLES = '<ld:candidates unit="market_regulation" post="reviewer"/>'
CHECKS = '<ld:candidates unit="ecology" post="reviewer"/><ld:fourEyes with="%s"/>'

ONE_AFTER_ANOTHER = (
    start(),
    user("Handle", settings=HANDLES),
    user("Check", settings=CHECKS % "Handle"),
    end(),
    chain("S", "Handle", "Check", "E"),
)
AT_ONCE = (
    start(),
    tag("parallelGateway", id="F"),
    user("Handle", settings=HANDLES),
    user("Check", settings=CHECKS % "Handle"),
    tag("parallelGateway", id="J"),
    end(),
    chain("S", "F", "Handle", "J", "E") + chain("F", "Check", "J"),
)
CALLED = (start(), user("Handle", settings=HANDLES), end(), chain("S", "Handle", "E"))
CALLING = (
    start(),
    tag("callActivity", id="Call", calledElement="eyes_called"),
    user("Check", settings=CHECKS % "Call"),
    end(),
    chain("S", "Call", "Check", "E"),
)
INSIDE = (
    start(),
    tag(
        "subProcess", start("S1") + user("Handle", settings=HANDLES) + end("E1") + chain("S1", "Handle", "E1"), id="Sub"
    ),
    user("Check", settings=CHECKS % "Sub"),
    end(),
    chain("S", "Sub", "Check", "E"),
)
OF_THE_STARTER = (start(), user("Check", settings=CHECKS % "S"), end(), chain("S", "Check", "E"))
FAILING = (
    start(),
    user("Handle", settings=HANDLES),
    at_border("B", "Handle", "error", "bad"),
    user("Check", settings=CHECKS % "Handle"),
    end(),
    chain("S", "Handle", "E") + chain("B", "Check", "E"),
)
DRAWN: Mapping[str, tuple[str, ...]] = {
    "eyes": ONE_AFTER_ANOTHER,
    "eyes_parallel": AT_ONCE,
    "eyes_called": CALLED,
    "eyes_calling": CALLING,
    "eyes_inside": INSIDE,
    "eyes_starter": OF_THE_STARTER,
    "eyes_failing": FAILING,
}


@dataclass
class Office:
    """The people and processes of all ways, and how many attempts went through."""

    city: City
    tried: int = 0
    passed: list[str] = field(default_factory=list)
    people: int = 0

    def prepare(self) -> None:
        """Two handlers and two checkers who do nothing forbidden, so that nothing is ever stuck, and the diagrams."""
        for key, parts in DRAWN.items():
            self.city.deploy(bundle(*parts, key=key, outside=error("bad")))
        organising.hire(self.city, "honest", "market_regulation", "reviewer")
        organising.hire(self.city, CHECKER, "ecology", "reviewer")

    def both(self, login: str, staff_no: str | None = None) -> str:
        """Somebody who holds both posts."""
        self.people += 1
        name = f"{login}{self.people}"
        organising.hire(self.city, name, "market_regulation", "reviewer", staff_no and f"{staff_no}{self.people}")
        organising.put(self.city, name, "ecology", "reviewer")
        return name

    def account(self, of: str, login: str) -> str:
        """One more account of the same human being, who holds the checking post by it."""
        self.people += 1
        name = f"{login}{self.people}"
        with self.city.core.db.write() as connection:
            connection.execute(update(person).where(person.c.login == of).values(staff_no=of))
            revision.touch(connection, [self.city.actor(of).id])
        organising.hire(self.city, name, "ecology", "reviewer", of)
        return name

    def case(self, key: str = "eyes", by: str = "honest") -> int:
        return self.city.start(key, {}, by)

    def handled(self, by: str, key: str = "eyes") -> int:
        """A case that somebody handled and that waits for its check."""
        case = self.case(key)
        self.city.complete(task_at(self.city, case, "Handle"), {}, by)
        return case

    def forbidden(self, name: str, act: Callable[[], object]) -> None:
        """It must not succeed."""
        self.tried += 1
        try:
            act()
        except (NotAllowed, Invalid):
            return
        self.passed.append(name)

    def check(self, case: int, by: str, name: str, node: str = "Check") -> None:
        """Claiming and completing by somebody who must not."""
        ref = task_at(self.city, case, node).ref
        self.forbidden(f"{name}: claim", lambda: self.city.claim(ref, by))
        self.forbidden(f"{name}: complete", lambda: self.city.complete(ref, {}, by))

    def finish(self, case: int, node: str = "Check", by: str = CHECKER) -> None:
        """Somebody else still can: nothing is stuck."""
        self.city.complete(task_at(self.city, case, node), {}, by)


def the_handler(office: Office) -> None:
    me = office.both(HANDLER)
    case = office.handled(me)
    office.check(case, me, "handler")
    office.finish(case)


def a_second_account(office: Office) -> None:
    me = office.both(HANDLER)
    case = office.handled(me)
    office.check(case, office.account(me, OTHER_ACCOUNT), "second account")
    office.finish(case)


def accounts_unlinked_meanwhile(office: Office) -> None:
    me = office.both(HANDLER)
    other = office.account(me, OTHER_ACCOUNT)
    case = office.handled(me)
    with office.city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == other).values(staff_no=None))
        revision.touch(connection, [office.city.actor(other).id])
    office.check(case, other, "unlinked account")
    office.finish(case)


def a_substitute(office: Office) -> None:
    me, other = office.both(HANDLER), f"{SUBSTITUTE}{office.people}"
    organising.hire(office.city, other, "transport", "reviewer")
    organising.lend(office.city, me, other)
    office.check(office.handled(me), other, "substitute of the handler")
    case = office.case()
    office.city.complete(task_at(office.city, case, "Handle"), {}, other)  # for me
    office.check(case, other, "substitute who handled")
    office.check(case, me, "principal after the substitute")
    organising.come_back(office.city, me, other)
    office.check(case, me, "principal when the time is over")
    organising.put(office.city, other, "ecology", "reviewer")
    office.check(case, other, "substitute by a post of their own")
    office.finish(case)


def a_substitute_of_a_second_account(office: Office) -> None:
    me = office.both(HANDLER)
    double, other = office.account(me, OTHER_ACCOUNT), f"{SUBSTITUTE}_2_{office.people}"
    organising.hire(office.city, other, "transport", "reviewer")
    organising.lend(office.city, double, other)
    case = office.handled(me)
    office.check(case, other, "substitute of the second account")
    office.finish(case)


def another_post_meanwhile(office: Office) -> None:
    office.people += 1
    me = f"moved{office.people}"
    organising.hire(office.city, me, "market_regulation", "reviewer")
    case = office.handled(me)
    organising.dismiss(office.city, me)
    organising.put(office.city, me, "ecology", "reviewer")
    office.check(case, me, "role changed mid-case")
    office.finish(case)


def handed_over(office: Office) -> None:
    me = office.both(HANDLER)
    case = office.handled(me)
    ref = task_at(office.city, case, "Check").ref
    friend = office.city.actor(CHECKER).id
    office.forbidden("picking the checker", lambda: office.city.transfer(ref, friend, by=me))
    office.city.claim(ref, CHECKER)
    to = office.city.actor(me).id
    office.forbidden("transfer", lambda: office.city.transfer(ref, to, by=CHECKER))
    double = office.city.actor(office.account(me, OTHER_ACCOUNT)).id
    office.forbidden("transfer to the second account", lambda: office.city.transfer(ref, double, by=CHECKER))
    office.finish(case)


def claimed_before(office: Office) -> None:
    """Claiming the check first, while there was nothing to check yet."""
    me = office.both(HANDLER)
    case = office.case("eyes_parallel")
    ref = task_at(office.city, case, "Check").ref
    office.city.claim(ref, me)
    office.city.complete(task_at(office.city, case, "Handle"), {}, me)
    office.forbidden("claimed before", lambda: office.city.complete(ref, {}, me))
    office.city.release(ref, me)
    office.finish(case)


def the_other_way_round(office: Office) -> None:
    """Checking first, handling afterwards."""
    me = office.both(HANDLER)
    case = office.case("eyes_parallel")
    office.city.complete(task_at(office.city, case, "Check"), {}, me)
    office.check(case, me, "handling what one checked", node="Handle")
    office.finish(case, "Handle", "honest")


def at_the_same_time(office: Office) -> None:
    """Both at the same moment: the second is planned again on what the first wrote."""
    me = office.both(HANDLER)
    case = office.case("eyes_parallel")
    refs = [task_at(office.city, case, node).ref for node in ("Handle", "Check")]
    gate, went = threading.Barrier(2), []

    def attempt(ref: str) -> None:
        gate.wait()
        try:
            office.city.complete(ref, {}, me)
        except LiandongError:
            return
        went.append(ref)

    threads = [threading.Thread(target=attempt, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.tried += 1
    if len(went) != 1:
        office.passed.append(f"at the same time: {went}")


def in_a_called_process(office: Office) -> None:
    for key in ("eyes_calling", "eyes_inside"):
        me = office.both(HANDLER)
        case = office.handled(me, key)
        office.check(case, me, key)
        office.finish(case)


def the_starter(office: Office) -> None:
    me = office.both(STARTER)
    case = office.case("eyes_starter", by=me)
    office.check(case, me, "starter")
    office.check(case, office.account(me, OTHER_ACCOUNT), "second account of the starter")
    office.finish(case)


def who_said_it_cannot_be_done(office: Office) -> None:
    me = office.both(HANDLER)
    case = office.case("eyes_failing")
    office.city.fail(task_at(office.city, case, "Handle"), "bad", me)
    office.check(case, me, "who failed it")
    office.finish(case)


WAYS: tuple[Callable[[Office], None], ...] = (
    the_handler,
    a_second_account,
    accounts_unlinked_meanwhile,
    a_substitute,
    a_substitute_of_a_second_account,
    another_post_meanwhile,
    handed_over,
    claimed_before,
    the_other_way_round,
    at_the_same_time,
    in_a_called_process,
    the_starter,
    who_said_it_cannot_be_done,
)


def try_all(city: City) -> Office:
    """Every way; who came through is in `passed`."""
    office = Office(city)
    office.prepare()
    for way in WAYS:
        way(office)
    return office
