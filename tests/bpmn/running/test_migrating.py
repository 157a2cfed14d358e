"""A running instance carried over to another version: what goes over, what it waits for then, and what is refused in words."""

from __future__ import annotations

import pytest

from engine.bpmn.changing import pairing
from engine.bpmn.changing.carrying import Change, carry
from engine.bpmn.changing.settling import settle
from engine.bpmn.program import compile_program
from engine.bpmn.runtime import resting
from engine.errors import CannotChange
from tests.bpmn.drawing import (
    DECLARED,
    boundary,
    catch,
    chain,
    compensation,
    end,
    ext,
    message,
    model,
    process,
    start,
    sub,
    tag,
    timer,
    user,
)
from tests.bpmn.running.machines import a_run
from tests.bpmn.running.players import Player
from tests.bpmn.running.test_returning import MANY, split


def drawn(*parts: str) -> bytes:
    return process(*parts, before=DECLARED)


def began(*parts: str, called: dict[str, bytes] | None = None, **facts: object) -> Player:
    return Player(model(drawn(*parts)), facts, {key: model(data) for key, data in (called or {}).items()})


def changed(player: Player, *parts: str, **nodes: str | None) -> Player:
    """The case goes on by this version, by the proposed plan with these differences (none: has no counterpart)."""
    target = compile_program(model(drawn(*parts)))
    wanted = {**pairing.propose(player.program.model, target.model), **nodes}
    plan = {old: new for old, new in wanted.items() if new is not None}
    assert pairing.judge(player.program.model, target.model, plan) == {}
    change = Change(player.program, target, plan)
    text = carry(player.run.workflow, change, {})
    run = a_run(target, player.out.facts, player.programs)
    run.resume(text)
    kept = resting.waits(run.workflow)
    settle(run, change)
    player.due = {key: due for key, due in player.due.items() if key in kept}
    player.program, player.run = target, run
    player._over()
    return player


def refused(player: Player, *parts: str, **nodes: str | None) -> str:
    before = player.snapshot()
    with pytest.raises(CannotChange) as raised:
        changed(player, *parts, **nodes)
    assert player.snapshot() == before
    assert raised.value.text("zh") != raised.value.text("en")
    return raised.value.kind


LINE = (start(), user("A"), user("B"), end(), chain("S", "A", "B", "E"))
RENAMED = (start(), user("A2"), user("B"), end(), chain("S", "A2", "B", "E"))


def test_a_task_keeps_its_id_under_another_name() -> None:
    player = began(*LINE)
    known = player.ids["A"]
    changed(player, *RENAMED)
    assert player.ids == {"A2": known}
    player.do("A2", "B")
    assert player.ended


def test_a_step_put_in_behind_is_done_and_one_before_is_not_gone_back_to() -> None:
    more = (start(), user("N"), user("A"), user("M"), user("B"), end(), chain("S", "N", "A", "M", "B", "E"))
    player = changed(began(*LINE), *more)
    assert player.names() == ["A"]
    player.do("A")
    assert player.names() == ["M"]


def test_a_step_taken_out_refuses_who_stands_there() -> None:
    less = (start(), user("B"), end(), chain("S", "B", "E"))
    assert refused(began(*LINE), *less) == "no_node"
    assert changed(began(*LINE).do("A"), *less).names() == ["B"]


PAIR = (start(), split("parallelGateway", "1", "A", "B"), user("C"), end(), chain("S", "G1"), chain("J1", "C", "E"))


def test_tokens_at_a_join_come_by_the_branch_they_came_by() -> None:
    inserted = (
        start(),
        split("parallelGateway", "1", "A>A9", "B"),
        user("C"),
        end(),
        chain("S", "G1"),
        chain("J1", "C", "E"),
    )
    player = changed(began(*PAIR).do("A"), *inserted)
    assert player.names() == ["B"]
    player.do("B")
    assert player.names() == ["C"]
    waiting = changed(began(*PAIR), *inserted)
    waiting.do("A", "B")
    assert waiting.names() == ["A9"]
    waiting.do("A9", "C")
    assert waiting.ended


def test_a_branch_taken_out_lets_the_join_go_on() -> None:
    three = (
        start(),
        split("parallelGateway", "1", "A", "B", "D"),
        user("C"),
        end(),
        chain("S", "G1"),
        chain("J1", "C", "E"),
    )
    player = began(*three).do("A", "B")
    assert refused(player, *PAIR) == "no_node"  # D is being done
    other = began(*three).do("D")
    assert refused(other, *PAIR) == "join"  # what D brought has no flow
    assert changed(began(*three).do("A"), *three).names() == ["B", "D"]


def test_a_branch_that_is_new_could_never_have_been_passed() -> None:
    three = (
        start(),
        split("parallelGateway", "1", "A", "B", "D"),
        user("C"),
        end(),
        chain("S", "G1"),
        chain("J1", "C", "E"),
    )
    assert refused(began(*PAIR), *three) == "branches"
    assert changed(began(*PAIR).do("A", "B"), *three).names() == ["C"]


def test_one_after_another_is_not_side_by_side() -> None:
    line = (start(), user("A"), user("B"), user("C"), end(), chain("S", "A", "B", "C", "E"))
    assert refused(began(*PAIR), *line) == "branches"
    assert refused(began(*line), *PAIR) == "branches"


def timed(time: str = "PT1H", **more: str) -> tuple[str, ...]:
    extra = boundary("A", "T", timer(time), **more) + user("Late") + end("E2") + chain("T", "Late", "E2")
    return (start(), user("A"), user("B"), end(), chain("S", "A", "B", "E"), extra)


def test_a_timer_keeps_its_moment_whatever_the_new_version_says() -> None:
    player = began(*timed())
    due = dict(player.due)
    assert changed(player, *timed("PT9H")).due == due
    player.fire(next(iter(due)))
    assert player.names() == ["Late"]


def test_a_timer_that_is_new_begins_and_one_that_is_gone_ends() -> None:
    player = changed(began(*LINE), *timed())
    assert len(player.due) == 1
    changed(player, *LINE)
    assert player.due == {}
    assert player.names() == ["A"]


def test_one_that_has_fired_beside_its_task_does_not_begin_again() -> None:
    player = began(*timed(cancelActivity="false"))
    player.fire(next(iter(player.due)))
    assert changed(player, *timed(cancelActivity="false")).due == {}
    assert player.names() == ["A", "Late"]


def test_what_repeats_does_not_become_what_comes_once() -> None:
    cycle = (
        boundary("A", "T", timer("R3/PT1H", "timeCycle"), cancelActivity="false")
        + user("Late")
        + end("E2")
        + chain("T", "Late", "E2")
    )
    before = model(drawn(start(), user("A"), user("B"), end(), chain("S", "A", "B", "E"), cycle))
    after = model(drawn(*timed(cancelActivity="false")))
    assert set(pairing.judge(before, after, {"A": "A", "T": "T"})) == {"T"}
    assert "T" not in pairing.propose(before, after)


def test_a_message_is_the_same_message() -> None:
    waits = (start(), catch("C", message("M1")), user("B"), end(), chain("S", "C", "B", "E"))
    other = (start(), catch("C", message("M2")), user("B"), end(), chain("S", "C", "B", "E"))
    assert refused(began(*waits), *other) == "no_node"
    assert set(changed(began(*waits), *waits).run._before) == set(began(*waits).run._before) != set()


def test_nodes_of_another_kind_scope_or_border_are_no_pair() -> None:
    inner = sub("Sub", start("Z"), user("X"), end("E3"), chain("Z", "X", "E3"))
    before = model(
        drawn(
            start(),
            user("A"),
            user("B"),
            inner,
            end(),
            chain("S", "A", "B", "Sub", "E"),
            boundary("A", "T"),
            user("Late"),
            end("E2"),
            chain("T", "Late", "E2"),
        )
    )
    after = model(
        drawn(
            start(),
            tag("manualTask", ext('<ld:candidates post="handler"/>'), id="A"),
            user("B"),
            boundary("B", "T"),
            user("Late"),
            user("X"),
            end(),
            end("E2"),
            chain("S", "A", "B", "X", "E"),
            chain("T", "Late", "E2"),
        )
    )
    wrong = pairing.judge(before, after, {"A": "A", "B": "B", "T": "T", "X": "X", "Q": "A", "Late": "B"})
    assert set(wrong) == {"A", "T", "X", "Q", "Late"}
    assert all(why.zh and why.en for why in wrong.values())


VOTE = '<ld:candidates person="=m1"/><ld:vote rule="{}" field="agree" into="result"/>'


def voting(rule: str) -> tuple[str, ...]:
    return (start(), user("V", MANY, VOTE.format(rule)), user("B"), end(), chain("S", "V", "B", "E"))


def test_a_vote_half_cast_goes_on_by_the_same_rule_only() -> None:
    player = began(*voting("all"), list=["a", "b", "c"])
    player.complete(next(iter(player.open)), agree="yes")
    assert refused(player, *voting("any")) == "vote"
    changed(player, *voting("all"))
    for id_ in list(player.open):
        player.complete(id_, agree="yes")
    assert player.out.facts["result"]["passed"] is True
    assert player.out.facts["result"]["yes"] == 3
    assert player.names() == ["B"]


def test_parts_do_not_become_one_task() -> None:
    many = (start(), user("V", MANY), user("B"), end(), chain("S", "V", "B", "E"))
    one = (start(), user("V"), user("B"), end(), chain("S", "V", "B", "E"))
    assert refused(began(*many, list=[1, 2]), *one) == "parts"
    assert refused(began(*one, list=[1, 2]), *many) == "parts"
    assert changed(began(*one, list=[1, 2]).do("V"), *many).names() == ["B"]


def test_a_sub_process_goes_over_with_what_lies_in_it() -> None:
    inner = (start("Z"), user("X"), user("Y"), end("E2"), chain("Z", "X", "Y", "E2"))
    player = began(start(), sub("Sub", *inner), user("B"), end(), chain("S", "Sub", "B", "E"))
    changed(
        player,
        start(),
        sub("Sub2", *inner),
        boundary("Sub2", "T"),
        user("Late"),
        user("B"),
        end(),
        end("E3"),
        chain("S", "Sub2", "B", "E"),
        chain("T", "Late", "E3"),
    )
    assert player.names() == ["X"]
    assert len(player.due) == 1
    player.do("X", "Y", "B")
    assert player.ended


def test_what_was_called_stays_in_its_version() -> None:
    called = drawn(start("Z"), user("X"), end("E2"), chain("Z", "X", "E2"))
    call = tag("callActivity", id="C", calledElement="other")
    other = tag("callActivity", id="C2", calledElement="other")
    player = began(start(), call, user("B"), end(), chain("S", "C", "B", "E"), called={"other": called})
    assert player.names() == ["C/X"]
    changed(player, start(), other, user("B"), end(), chain("S", "C2", "B", "E"))
    assert player.names() == ["C2/X"]
    player.do("C2/X", "B")
    assert player.ended


def test_what_can_be_undone_must_be_undone_there_too() -> None:
    undo = (
        boundary("A", "U", compensation())
        + user("Undo", isForCompensation="true")
        + '<bpmn:association id="as1" sourceRef="U" targetRef="Undo"/>'
    )
    with_undo = (start(), user("A"), undo, user("B"), end(), chain("S", "A", "B", "E"))
    assert refused(began(*with_undo).do("A"), *LINE) == "undo"
    assert changed(began(*with_undo), *LINE).names() == ["A"]
    assert changed(began(*with_undo).do("A"), *with_undo).names() == ["B"]


def test_what_was_sent_back_goes_over() -> None:
    player = began(*LINE).do("A")
    player.back("B", "A")
    changed(player, *RENAMED)
    assert player.names() == ["A2"]
