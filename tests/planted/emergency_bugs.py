"""Bugs that were nearly made around emergency plans: in the diagrams that all ten share, and in what carries them."""

from __future__ import annotations

from typing import Any

import pytest

from engine import definitions, feel, joining, messages, signed_events
from engine.acts import receivers
from engine.queries import inbox, offers
from engine.registers import putting
from escalation.emergencies import plans
from escalation.sending import ranks
from tests import emergency as em
from tests.db import test_notify, test_once
from tests.planted.bug import Bug, Plant
from tests.stories import test_plans, test_plans_means
from tests.web import test_drills, test_signed_events
from web.city import City


def from_trigger_to_review(city: City) -> None:
    """Each order of the level is given, done or withdrawn, and the plan ends."""
    test_plans.test_a_plan_from_trigger_to_review(city, "plan_furniture")


def signed_by_who_may(city: City) -> None:
    """A level is ordered by who may order it."""
    test_plans.test_the_order_is_signed_by_who_may_start_that_level(city)


def up_and_down(city: City) -> None:
    """A change of level adds and takes back what it should, and no more."""
    test_plans.test_up_adds_only_what_the_level_adds_and_down_takes_back_what_it_no_longer_wants(city)


def that_town_alone(city: City) -> None:
    """What is ordered only for where it is goes to no other town."""
    test_plans.test_an_order_only_for_where_it_is_goes_to_that_town_alone(city)


def unsigned_and_missing(city: City) -> None:
    """Each rank in its turn is told of what is unsigned; a missing report is counted, and the next is asked for."""
    test_plans.test_unsigned_orders_climb_and_missing_reports_are_counted(city)


def as_it_was_given(city: City) -> None:
    """A running order does not follow the register."""
    test_plans.test_an_order_stands_as_it_was_given_whatever_the_register_says_later(city)


def teams_and_stock(city: City) -> None:
    """No team is sent twice, no stock taken that is not there, and both come back."""
    test_plans_means.test_teams_go_out_and_stock_is_taken_and_both_come_back(city)


def told_when_late(city: City) -> None:
    """A change that is signed after the expected term is told in words."""
    test_plans.test_a_change_that_is_signed_after_the_term_is_told_to_the_coordinator_in_words(city)


def not_lost(city: City) -> None:
    """What another process says while nobody listens is kept."""
    test_once.test_what_another_process_says_before_anybody_listens_is_not_lost(city, optional=True)


def letters_join(city: City) -> None:
    """A message from outside joins what runs."""
    test_once.test_a_message_and_a_person_meet_and_the_next_time_begins_anew(city)


def one_activation(city: City) -> None:
    """A second trigger joins the first."""
    test_plans.test_a_second_trigger_begins_nothing_and_is_graded_again(city)


def next_storm(city: City) -> None:
    """What comes after the stand-down begins another activation."""
    test_plans.test_the_next_storm_after_the_stand_down_is_answered_while_the_last_one_is_reviewed(city)


def null_is_not_over(city: City) -> None:
    """What says nothing of being over runs on."""
    test_once.test_what_is_null_or_fails_is_not_over(city, "=not_yet")


def by_rank(city: City) -> None:
    """Whom a unit is reached by."""
    test_notify.test_a_unit_is_reached_by_rank(city)


def events_once(city: City) -> None:
    """A signed event comes to one activation, and what comes again is told so."""
    test_signed_events.test_an_event_comes_to_one_activation_however_often_it_is_sent(test_signed_events.Source(city))


def drills_apart(city: City) -> None:
    """A drill runs beside what really runs."""
    test_once.test_a_drill_runs_beside_the_real_one_by_its_own_clock(city)


def drills_nowhere(city: City) -> None:
    """Nobody's real work holds anything of a drill."""
    drill = test_drills.hold(city)
    case = em.ordered(city, world=drill)
    units = {row["unit_id"]: row["post_key"] for row in em.open_at(city, case, "SignOrder")}
    assert units
    for row in em.open_at(city, case, "SignOrder"):
        holder = em.actor(city, em._holder(city, row))
        assert inbox.counts(city.core, holder, city.world().now) == dict.fromkeys(inbox.TABS, 0)
    assert not [one for one in plans.every(city.core, em.actor(city, em.COORDINATOR)) if one.running]


def diagram(name: str, process: str, found: str, instead: str) -> Plant:
    """The diagram of a process with one thing drawn otherwise."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = definitions.files_of

        def files_of(*args: Any) -> dict[str, bytes]:
            files = real(*args)
            drawn = f"{process}.bpmn"
            if drawn not in files:
                return files
            assert found.encode() in files[drawn], f"{process} is not drawn so any more"
            return {**files, drawn: files[drawn].replace(found.encode(), instead.encode())}

        patch.setattr(definitions, "files_of", files_of)

    plant.__name__ = name
    return plant


def a_second_form_begins_a_second_plan(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "place", lambda *_: None)


def what_is_not_false_is_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "_is_true", lambda expression, facts: feel.compile(expression).evaluate(facts) is not False)


def what_is_kept_again_begins_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "joined_before", lambda *_: None)


def a_letter_is_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "running", lambda *_: None)


def an_optional_message_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(messages, "_join", lambda *_: False)


def what_is_expected_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(putting, "_expected", lambda *_: None)


def a_sensor_tells_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receivers, "holders", lambda *_: [])


def the_head_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ranks._Search, "heads", lambda *_: [])


def an_event_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signed_events, "_keep", lambda *given: {"request": given[-1], "case_id": None})


def a_drill_joins_what_really_runs(patch: pytest.MonkeyPatch) -> None:
    real = joining.find
    patch.setattr(
        joining, "find", lambda core, process, correlation, origin, *_: real(core, process, correlation, origin)
    )


def work_of_a_drill_in_the_inbox(patch: pytest.MonkeyPatch) -> None:
    real = offers.sources

    def sources(actor: Any, _world: int, **which: bool) -> offers.Sources:
        found = [real(actor, world, **which) for world in range(1, 10)]
        return offers.Sources(
            [each for one in found for each in one.of_units], [each for one in found for each in one.others]
        )

    patch.setattr(offers, "sources", sources)


_ORDERS, _START, _COMMAND, _REPORTS = "emergency_orders", "emergency_start", "emergency_command", "emergency_reports"
_OVER = "standdown = true or level &gt; order.level"

EMERGENCY_BUGS = (
    Bug(diagram("stood_down_and_still_ordered", _ORDERS, _OVER, "level &gt; order.level"), from_trigger_to_review),
    Bug(diagram("an_order_of_its_level_is_left_out", _START, "order_rows: plan_rows[item.level &gt;= ordered_level",
                "order_rows: plan_rows[item.level &gt; ordered_level"), from_trigger_to_review),
    Bug(diagram("every_town_is_ordered_to_one_place", _START, "item.local != true or", "true or"), that_town_alone),
    Bug(diagram("a_change_of_level_orders_every_town", _COMMAND, "item.local != true or", "true or"), that_town_alone),
    Bug(diagram("anybody_orders_any_level", _START, "{plan: plan, level: ordered_level}", "{plan: plan, level: 4}"),
        signed_by_who_may),
    Bug(diagram("a_lighter_level_keeps_its_orders", _ORDERS, _OVER, "standdown = true"), up_and_down),
    Bug(diagram("who_orders_the_lighter_level_lowers_it", _COMMAND, "min(level, wanted_level)", "wanted_level"), up_and_down),
    Bug(diagram("a_rank_is_told_too_late", _ORDERS, "level_rule.head_minutes", "level_rule.leader_minutes"),
        unsigned_and_missing),
    Bug(diagram("the_leader_is_not_told", _ORDERS, 'to="duty_leader"', 'to="person"'), unsigned_and_missing),
    Bug(diagram("a_missing_report_is_the_last", _REPORTS, "=standdown = true</bpmn:conditionExpression>",
                "=standdown = true or reports_missing &gt; 0</bpmn:conditionExpression>"), unsigned_and_missing),
    Bug(diagram("an_order_follows_the_register", _ORDERS, 'budget="=order.receipt_minutes / 60"',
                "budget='=register row(\"plan_orders\", {key: order.key}).receipt_minutes / 60'"), as_it_was_given),
    Bug(a_second_form_begins_a_second_plan, one_activation),
    Bug(diagram("a_review_takes_the_next_storm", "plan_cover", 'over="=standdown = true"', 'over="=ended_twice = true"'),
        next_storm),
    Bug(what_is_not_false_is_over, null_is_not_over),
    Bug(a_sensor_tells_nobody, next_storm),
    Bug(a_letter_is_refused, letters_join),
    Bug(an_optional_message_is_dropped, not_lost),
    Bug(what_is_expected_is_not_looked_at, teams_and_stock),
    Bug(diagram("a_team_stays_out", "emergency_release", "item.order = release_order and item.back = null].team",
                "item.order = null].team"), teams_and_stock),
    Bug(diagram("late_is_not_told", _COMMAND, "date and time(string(term_over)) &lt; now()", "false"), told_when_late),
    Bug(what_is_kept_again_begins_anew, next_storm),
    Bug(the_head_is_passed_over, by_rank),
    Bug(an_event_is_forgotten, events_once),
    Bug(a_drill_joins_what_really_runs, drills_apart),
    Bug(work_of_a_drill_in_the_inbox, drills_nowhere),
)  # fmt: skip
