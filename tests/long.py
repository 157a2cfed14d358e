"""Tests that say on the other kind of database what they said on the first, or that take long: `./run test long`. `.ci/run`
runs them on every change; `./run test`, which people wait for, leaves them out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

LONG = (
    ("tests/web/test_", "[postgresql"),
    ("tests/web/api/test_api_a", "[postgresql"),
    ("tests/web/api/test_api_e", "[postgresql"),
    ("tests/faults/test_leases.py", "lease_writes_nothing[sqlite"),
    ("tests/faults/test_leases.py", "lease_writes_nothing[postgresql-action]"),
    ("tests/faults/test_two_acts.py", "[postgresql]"),
    ("tests/stories/", "[postgresql]"),
    ("tests/stories/test_plans_levels.py", "at_each_level"),
    ("tests/properties/acts/", "[postgresql"),
    ("tests/properties/acts/", "-6]"),
    ("tests/web/test_rights_matrix.py", "test_who_may_see_is_shown[everybody]"),
    ("tests/db/test_confidential.py", "[postgresql"),
    ("tests/db/test_calendars.py", "[postgresql"),
    ("tests/db/test_worktime.py", "[postgresql"),
    ("tests/db/test_dossier", "[postgresql"),
    ("tests/db/test_trials.py", "[sqlite"),
    ("tests/web/test_trials.py", "nothing_of_a_trial"),
    ("tests/browser/test_trial.py", ""),
    ("tests/db/test_not_of.py", "[sqlite"),
    ("tests/db/test_notify.py", "[sqlite"),
    ("tests/db/test_rungs.py", "[sqlite"),
    ("tests/db/test_reminding.py", "[sqlite"),
    ("tests/db/test_board.py", "[sqlite"),
    ("tests/db/test_standing_figures.py", "[sqlite"),
    ("tests/db/test_assessment.py", "function[sqlite-2026-05"),
    ("tests/db/test_assessment_counting.py", "[postgresql"),
    ("tests/db/test_definitions_judged.py", "[postgresql"),
    ("tests/browser/test_assessment.py", ""),
    ("tests/db/test_assessment.py", "function[sqlite-2026-Q2"),
    ("tests/db/test_assessment.py", "function[postgresql-2026-05"),
    ("tests/db/test_assessment.py", "function[postgresql-2026-Q2"),
    ("tests/faults/test_kills.py", "[postgresql"),
    ("tests/browser/test_clocks.py", ""),
    ("tests/browser/test_advertising_desks.py", ""),
    ("tests/browser/test_emergency.py", ""),
    ("tests/browser/test_enforcement.py", ""),
    ("tests/browser/test_inspection.py", ""),
    ("tests/browser/test_permits.py", ""),
    ("tests/browser/test_form_editor.py", ""),
    ("tests/browser/test_designer_tables.py", ""),
    ("tests/browser/test_designer_walk.py", ""),
    ("tests/browser/test_designer_weight.py", "two_hundred"),
    ("tests/browser/test_manual.py", ""),
    ("tests/web/test_form_editor.py", "opens_in_its_editor"),
    ("tests/browser/test_repeating_rows.py", ""),
    ("tests/browser/test_picture.py", ""),
    ("tests/db/test_flows.py", "[sqlite"),
    ("tests/browser/test_road_permit.py", ""),
    ("tests/browser/test_contacts.py", ""),
    ("tests/browser/test_migrating.py", ""),
    ("tests/db/test_migrating.py", "[sqlite"),
    ("tests/faults/test_migrating.py", "anywhere_and_gone_on_with[postgresql"),
    ("tests/browser/test_ladder_pages.py", ""),
    ("tests/stories/test_breach_to_clue.py", ""),
    ("tests/db/test_clock_granting.py", "[sqlite"),
    ("tests/db/test_starts.py", "[postgresql-each-72]"),
    ("tests/db/test_sending.py", "[postgresql"),
    ("tests/faults/test_sending.py", "[sqlite"),
    ("tests/faults/test_timers.py", "[sqlite"),
    ("tests/faults/test_silencing.py", "[postgresql"),
    ("tests/faults/test_ladder_crashes.py", "[postgresql"),
    ("tests/faults/test_recounting.py", "[postgresql"),
    ("tests/web/test_inspection_desks.py", "holds_a_word_of_it"),
    ("tests/browser/test_one_case.py", "test_a_case_on_postgresql"),
    ("tests/faults/test_crash_points.py", "[sqlite"),
    ("tests/db/test_replay.py", ""),
    ("tests/db/test_assessment.py", "function[postgresql"),
    ("tests/browser/test_designer_two.py", "test_a_version_by_two_and_back_again"),
    ("tests/db/test_organisation_merge.py", "test_interrupted_at_random_nothing_is_lost"),
    ("tests/web/test_hostile_requests.py", ""),
    ("tests/web/test_reporter_hidden.py", "test_no_page_answer_file_or_search_shows_who_reported"),
    ("tests/web/test_rights_matrix.py", "test_lists_searches_counts_and_exports_hold_only_what_one_sees"),
    ("tests/web/api/test_api_fuzz.py", "test_nothing_sent_by_anybody_breaks_it"),
    ("tests/web/api/test_api_promises.py", "test_a_reply_that_was_cut_off_is_asked_for_again[postgresql]"),
    ("tests/commands/test_up.py", "test_it_serves_and_outlives_its_worker"),
    ("tests/bpmn/corpus/test_odd_files.py", "test_each_is_given_back_byte_by_byte"),
    ("tests/web/test_rights_matrix.py", "test_no_route_shows_or_tells"),
    ("tests/web/test_drills.py", "test_nothing_of_a_drill"),
    ("tests/faults/test_sending.py", "test_two_hundred"),
    ("tests/faults/test_leases.py", "lease_writes_nothing[postgresql-timer]"),
    ("tests/faults/test_activation.py", ""),
    ("tests/db/test_tampering.py", "test_every_kind_of_tampering_is_found"),
    ("tests/unit/forms/test_hostile.py", "test_a_damaged_file"),
    ("tests/commands/test_commands.py", "test_shipped_content_comes_in_once"),
    ("tests/bench/test_bench.py", "test_a_completion_is_two_round_trips"),
    ("tests/bpmn/running/test_metamorphic.py", "[drawn anywhere]"),
    ("tests/bpmn/running/test_metamorphic.py", "[other ids]"),
    ("tests/bpmn/running/test_metamorphic.py", "[in a"),
    ("tests/bpmn/running/test_fuzz.py", "[1]"),
    ("tests/bpmn/running/test_fuzz.py", "[3]"),
    ("tests/bpmn/running/test_fuzz.py", "[4]"),
    ("tests/db/test_real_proof.py", ""),
    ("tests/browser/test_survives.py", ""),
    ("tests/browser/test_designer_keeps.py", ""),
    ("tests/browser/test_designer_conditions.py", ""),
    ("tests/browser/test_designer_problems.py", "narrow"),
    ("tests/browser/test_designer_problems.py", "declared"),
    ("tests/browser/test_languages.py", ""),
    ("tests/browser/test_shift_leader.py", "test_every_number_of_the_figures_opens_to_as_many_cases"),
)
"""Where, and what their names hold."""

STAY = (
    "tests/web/test_figures.py",
    "tests/web/test_inbox",
    "tests/web/test_case_list.py",
)
"""What is asked of PostgreSQL in another way: these stay where people wait for them."""


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark those among these tests."""
    for item in items:
        name = item.nodeid
        if any(item.get_closest_marker(suite) is not None for suite in ("acts", "faults", "planted")):
            continue  # of a suite of its own
        if not name.startswith(STAY) and any(name.startswith(place) and part in name for place, part in LONG):
            item.add_marker(pytest.mark.long)
