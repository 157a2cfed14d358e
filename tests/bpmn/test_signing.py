"""加签, 减签 and 会签 in memory: who is asked when, what waits for them, what a vote comes to; stored and read again after every act."""

from __future__ import annotations

import pytest

from tests.bpmn.drawing import boundary, chain, codes, end, flow, process, start, sub, tag, timer, user
from tests.bpmn.signing import BING, DING, JIA, OWNER, YI, Case, ld_vote, members, say, vote

PLAIN = process(
    start(),
    user(),
    boundary("A", "B", timer("PT2H")),
    end("T"),
    user("C"),
    end(),
    chain("S", "A", "C", "E"),
    flow("B", "T"),
)
"""A task with a deadline, then another."""


class TestSigners:
    """加签 and 减签 on one task."""

    def test_before_the_task_is_held_and_opens_again_for_its_owner(self) -> None:
        case = Case(PLAIN)
        first, timers = case.at("A"), set(case.timers)
        outcome = case.add(first, "before", JIA, YI)
        assert (outcome.cancelled, outcome.returned) == ([first], {first})
        assert case.told() == [f"A{JIA}s", f"A{YI}s"]
        case.do(case.at("A", JIA), JIA)
        assert case.told() == [f"A{YI}s"]
        case.do(case.at("A", YI), YI)
        assert case.told() == [f"A{OWNER}"]
        assert case.timers == timers, "the deadline of the task ran on"
        case.do(case.at("A", OWNER))
        assert case.told() == ["C"]
        assert case.timers == set()

    def test_one_after_another_and_taken_away_in_between(self) -> None:
        case = Case(PLAIN)
        case.add(case.at("A"), "before", JIA, YI, BING, DING, in_order=True)
        assert case.told() == [f"A{JIA}s"]
        case.remove(case.at("A", JIA), BING)  # whose turn is later
        case.remove(case.at("A", JIA))
        assert case.told() == [f"A{YI}s"]
        case.do(case.at("A", YI), YI)
        assert case.told() == [f"A{DING}s"]
        case.remove(case.at("A", DING))
        assert case.told() == [f"A{OWNER}"], "the last one is gone: it opens again"

    def test_beside_and_after_it_goes_on_when_all_have_spoken(self) -> None:
        case = Case(PLAIN)
        task = case.at("A")
        case.add(task, "beside", JIA)
        case.add(task, "after", YI, BING, in_order=True)
        case.add(task, "after", DING)
        assert case.told() == ["A", f"A{JIA}s"]
        case.remove(task, DING)
        case.do(task, note="done")
        assert case.told() == [f"A{JIA}s", f"A{YI}s"], "those after come when it is done"
        assert case.facts == {"note": "done"}
        case.do(case.at("A", YI), YI)
        case.do(case.at("A", JIA), JIA)
        assert case.told() == [f"A{BING}s"]
        case.remove(case.at("A", BING))
        assert case.told() == ["C"], "the last one is gone: the flow goes on"

    def test_who_spoke_before_the_task_is_done_holds_nothing_up(self) -> None:
        case = Case(PLAIN)
        case.add(case.at("A"), "beside", JIA)
        case.do(case.at("A", JIA), JIA)
        assert case.told() == ["A"]
        case.do(case.at("A"))
        assert case.told() == ["C"]

    def test_signers_of_signers(self) -> None:
        case = Case(PLAIN)
        case.add(case.at("A"), "before", JIA)
        case.add(case.at("A", JIA), "before", YI, by=JIA)
        assert case.told() == [f"A{YI}s"]
        case.add(case.at("A", YI), "after", BING, by=YI)
        case.do(case.at("A", YI), YI)
        assert case.told() == [f"A{BING}s"]
        case.do(case.at("A", BING), BING)
        assert case.told() == [f"A{JIA}s"], "a signer's own task opens again as a signer's"
        case.add(case.at("A", JIA), "beside", DING, by=JIA)
        case.do(case.at("A", JIA), JIA)
        assert case.told() == [f"A{DING}s"]
        case.do(case.at("A", DING), DING)
        assert case.told() == [f"A{OWNER}"]

    def test_taking_away_a_signer_takes_away_whom_they_asked(self) -> None:
        case = Case(PLAIN)
        case.add(case.at("A"), "beside", JIA)
        case.add(case.at("A", JIA), "beside", YI, by=JIA)
        case.remove(case.at("A", JIA))
        assert case.told() == ["A"]

    @pytest.mark.parametrize("how", ["before", "beside", "after"])
    def test_a_deadline_takes_the_signers_with_it(self, how: str) -> None:
        case = Case(PLAIN)
        task = case.at("A")
        case.add(task, how, JIA, YI)
        if how != "before":
            case.do(task)
        case.fire()
        assert (case.told(), case.state) == ([], None)

    @pytest.mark.parametrize("sequential", ["false", "true"])
    def test_in_parts_of_a_multi_instance_in_a_sub_process(self, sequential: str) -> None:
        """Each part has its own signers; the others go on; the sub-process waits for all, the branch beside it does not."""
        inner = sub("Sub", start("s"), user("V", members(sequential=sequential)), end("e"), chain("s", "V", "e"))
        fork, join = tag("parallelGateway", id="F"), tag("parallelGateway", id="J")
        drawn = process(
            start(), fork, inner, user("Z"), join, end(), chain("S", "F", "Sub", "J", "E"), chain("F", "Z", "J")
        )
        case = Case(drawn, units=["a", "b"])
        case.add(case.at("V", item="a"), "before", JIA)
        assert case.open[case.at("V", JIA)].item == "a", "a signer sees what the part is for"
        if sequential == "false":
            case.do(case.at("V", item="b"))
        case.do(case.at("Z"))
        case.do(case.at("V", JIA), JIA)
        case.add(case.at("V", OWNER, "a"), "after", YI)
        case.do(case.at("V", OWNER, "a"))
        assert case.told() == [f"V{YI}s"]
        case.do(case.at("V", YI), YI)
        if sequential == "true":
            assert case.told() == ["V"]
            case.do(case.at("V", item="b"))
        assert case.state is None
        assert case.path.count("J") == 1


def voting(rule: str, **said: str) -> bytes:
    return process(start(), vote(rule, **said), user("C"), end(), chain("S", "V", "C", "E"))


class TestVotes:
    """会签."""

    @pytest.mark.parametrize(
        "said, words, passed, left",
        [
            ({"rule": "all"}, "yyy", True, 0),
            ({"rule": "all"}, "yn", False, 1),
            ({"rule": "any"}, "ny", True, 1),
            ({"rule": "any"}, "nan", False, 0),
            ({"rule": "ratio", "share": "2/3"}, "yy", True, 1),
            ({"rule": "ratio", "share": "2/3", "more": "true"}, "yyn", False, 0),
            ({"rule": "ratio", "share": "0.5", "of": "cast"}, "aay", True, 0),
            ({"rule": "ratio", "share": "0.5", "of": "cast", "quorum": "1"}, "yx", False, 1),
            ({"rule": "all", "early": "false"}, "nyy", False, 0),
            ({"rule": "order", "sequential": "true"}, "yn", False, 1),
            ({"rule": "any", "weight": "=if unit = &quot;a&quot; then 0 else 1"}, "yn", None, 1),
            ({"rule": "any", "veto": "=unit = &quot;b&quot;"}, "yn", False, 1),
        ],
    )
    def test_ends_as_soon_as_it_is_decided(
        self, said: dict[str, str], words: str, passed: bool | None, left: int
    ) -> None:
        case = Case(voting(**said), units=["a", "b", "c"])
        say(case, words)
        if passed is None:
            assert case.told() == ["V"]
            assert "result" not in case.facts
            return
        assert case.told() == ["C"], "nobody is asked for what changes nothing"
        result = case.facts["result"]
        assert (result["passed"], result["left"]) == (passed, left)
        assert [each["item"] for each in result["votes"]] == ["a", "b", "c"][: len(words)]
        assert "agree" not in case.facts, "what each says is their own"

    def test_a_vote_of_nobody_fails(self) -> None:
        case = Case(voting("any"), units=[])
        assert case.facts["result"]["why"] == "nobody"

    @pytest.mark.parametrize("sequential", ["false", "true"])
    def test_voters_are_added_and_taken_away(self, sequential: str) -> None:
        case = Case(voting("all", sequential=sequential), units=["a", "b"])
        task = case.at("V", item="a")
        case.add(task, "beside", JIA, YI, items={JIA: "j", YI: "y"})
        if sequential == "false":
            assert case.told() == ["V", "V", f"V{JIA}v", f"V{YI}v"]
            case.remove(case.at("V", YI))
        else:
            case.remove(task, YI)
        case.do(case.at("V", item="a"), agree="yes")
        case.do(case.at("V", item="b"), agree="yes")
        assert case.told() == [f"V{JIA}v"], "whoever was added counts"
        run = case.run()
        asked = run.removable(case.at("V", JIA))
        assert asked is not None
        assert (asked.voter, asked.alone, asked.by) == (True, False, OWNER)
        case.remove(case.at("V", JIA))
        assert case.facts["result"]["passed"] is True, "tallied again without them"
        assert case.facts["result"]["voters"] == 2

    def test_signers_of_a_voter_do_not_vote(self) -> None:
        case = Case(voting("all"), units=["a", "b"])
        case.add(case.at("V", item="a"), "before", JIA)
        case.do(case.at("V", JIA), JIA)
        case.add(case.at("V", OWNER), "after", YI)
        case.do(case.at("V", OWNER), agree="yes")
        case.do(case.at("V", item="b"), agree="yes")
        assert case.told() == [f"V{YI}s"], "a vote counts when those after it have spoken"
        case.do(case.at("V", YI), YI)
        assert case.facts["result"]["yes"] == 2

    def test_units_vote_by_a_flow_of_their_own(self) -> None:
        inner = user("D") + user("H") + start("s") + end("e") + chain("s", "D", "H", "e")
        settings = ld_vote(rule="ratio", share="1/2", more="true", field="agree", into="result")
        drawn = process(start(), sub("U", settings, members(), inner), user("C"), end(), chain("S", "U", "C", "E"))
        case = Case(drawn, units=["a", "b", "c"])
        for unit, word in (("a", "no"), ("b", "yes"), ("c", "yes")):
            case.do(
                next(e.id for e in case.open.values() if e.node.id == "D" and e.variables["unit"] == unit), agree="no"
            )
            mine = next(e.id for e in case.open.values() if e.node.id == "H" and e.variables["unit"] == unit)
            case.do(mine, agree=word)
        assert case.told() == ["C"]
        assert (case.facts["result"]["passed"], case.facts["result"]["yes"]) == (True, 2)

    def test_two_votes_in_one_another_keep_apart(self) -> None:
        settings = ld_vote(rule="any", field="carried", yes="true", no="false", into="outcome")
        decide = tag("scriptTask", tag("script", "{carried: result.passed}"), id="D", scriptFormat="feel")
        inner = (
            vote("all", collection="people", id_="W", item="who")
            + decide
            + start("s")
            + end("e")
            + chain("s", "W", "D", "e")
        )
        drawn = process(start(), sub("U", settings, members(), inner), end(), chain("S", "U", "E"))
        case = Case(drawn, units=["a", "b"], people=["p", "q"])
        say(case, "n", "W")
        assert len(case.open) == 2, "the first unit is through"
        say(case, "yy", "W")
        assert case.facts["outcome"]["passed"] is True
        assert case.state is None


@pytest.mark.parametrize(
    "said, code",
    [
        ({"rule": "most"}, "setting"),
        ({"rule": "ratio"}, "setting"),
        ({"rule": "all", "share": "1/2"}, "setting"),
        ({"rule": "ratio", "share": "3/2"}, "setting"),
        ({"rule": "order"}, "vote"),
        ({"rule": "all", "yes": "no"}, "setting"),
        ({"rule": "all", "into": "agree"}, "setting"),
        ({"rule": "all", "field": "Agree"}, "setting"),
        ({"rule": "all", "weight": "heavy"}, "setting"),
        ({"rule": "all", "veto": "true"}, "setting"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, str], code: str) -> None:
    given = {"field": "agree", "into": "result", **said}
    settings = "<ld:vote " + " ".join(f'{name}="{value}"' for name, value in given.items()) + "/>"
    drawn = user("V", members(), f'<ld:candidates post="handler"/>{settings}')
    assert code in codes(process(start(), drawn, end(), chain("S", "V", "E")))


def test_a_vote_needs_voters() -> None:
    drawn = user("V", "", '<ld:candidates post="handler"/><ld:vote rule="all" field="agree" into="result"/>')
    assert "vote" in codes(process(start(), drawn, end(), chain("S", "V", "E")))
