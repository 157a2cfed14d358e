"""Bugs that were nearly made where people are added to a task, and where they vote."""

from __future__ import annotations

from typing import Any

import pytest

from engine import four_eyes, recusals, votes
from engine.acts import completing, signers
from engine.bpmn.runtime import repetition, signing, voting
from engine.bpmn.runtime.live import Token
from tests.bpmn import test_signing
from tests.db import test_signers
from tests.planted.bug import Bug
from tests.unit import test_votes
from web.city import City


def asking(city: City) -> None:
    """Who is asked, by whom, and what is kept."""
    test_signers.test_signers_come_before_beside_and_after(city)


def voters(city: City) -> None:
    """Units vote, one more is added, one is taken away."""
    test_signers.test_a_vote_of_units_with_an_added_voter(city)


def recused(city: City) -> None:
    """Nobody waits for whom the case is about."""
    test_signers.test_whoever_the_case_turns_out_to_be_about_is_asked_no_more(city)


def tables(_city: City) -> None:
    """The whole truth table of equal voters."""
    for terms in test_votes.TERMS:
        test_votes.test_the_whole_truth_table(terms)


def chains(_city: City) -> None:
    """Signers of signers, in order, before, beside and after."""
    told = test_signing.TestSigners()
    told.test_one_after_another_and_taken_away_in_between()
    told.test_signers_of_signers()
    told.test_beside_and_after_it_goes_on_when_all_have_spoken()
    told.test_in_parts_of_a_multi_instance_in_a_sub_process("false")


def an_opinion_is_a_fact(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(completing, "SIGNER", "nobody")


def barred_people_are_added(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(four_eyes, "check_receiver", lambda *_args: True)


def anybody_removes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signers, "_check_remover", lambda *_args: None)


def it_waits_for_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signing, "waits", lambda _token: False)


def who_comes_next_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = signing._ask
    patch.setattr(signing, "_ask", lambda token, by, chain, **how: real(token, by, chain[:1], **how))


def a_signer_is_a_part(patch: pytest.MonkeyPatch) -> None:
    def part(token: Token) -> bool:
        return token.host is not None and token.host.task_spec is token.task_spec

    patch.setattr(signing, "is_signer", lambda _token: False)
    patch.setattr(repetition, "is_part", part)


def recused_people_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recusals, "let_go", lambda *_args: None)


def whoever_was_removed_votes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(voting, "left", lambda token: len(token.internal_data[voting.ROLL]))


def a_vote_ends_too_early(patch: pytest.MonkeyPatch) -> None:
    real = votes._against

    def hopeful(terms: votes.Terms, people: Any, rest: votes.Say) -> votes.Why | None:
        return real(terms, people, votes.Say.YES if rest is votes.Say.ABSENT else rest)

    patch.setattr(votes, "_against", hopeful)


def abstaining_is_agreeing(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(votes._BASES, votes.Base.PRESENT, (votes.Say.YES, votes.Say.NO))


SIGNING_BUGS = (
    Bug(an_opinion_is_a_fact, asking),
    Bug(barred_people_are_added, asking),
    Bug(anybody_removes, asking),
    Bug(it_waits_for_nobody, asking),
    Bug(it_waits_for_nobody, chains),
    Bug(who_comes_next_is_forgotten, chains),
    Bug(a_signer_is_a_part, chains),
    Bug(recused_people_stay, recused),
    Bug(whoever_was_removed_votes, voters),
    Bug(a_vote_ends_too_early, tables),
    Bug(abstaining_is_agreeing, tables),
)
