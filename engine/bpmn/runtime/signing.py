"""People added to a task (加签) and taken from it again (减签).

Each is a token of the same element that hangs on the token of the task, open for that person alone. Before: the task is held until all of
them have spoken, then it opens again for whose it was. Beside: it can be done meanwhile, and goes on when they have spoken. After: they
come when it is done. Those asked one after another are a chain: whoever is next is kept on the token of who is asked now. Signers
can be added to signers: what waits on a token, and what it does when nothing does any more, is the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from engine.bpmn.runtime import held
from engine.bpmn.runtime.held import ROLE, SIGNER, WHO
from engine.bpmn.runtime.live import COMPLETED, READY, STARTED, Token

ADDED_BY = "by"
"""In a token's own bookkeeping: who added this signer."""

NEXT = "nx"
"""There: the people asked after this one, in order."""

LATER = "af"
"""On a task: those who come when it is done, each a chain [who added them, people in order]."""

OWNER = "ow"
"""On a held task: for whom it opens again."""

PRIOR = "pr"
"""On a signer: the task is held for them."""


class How(StrEnum):
    """When those who are added speak."""

    BEFORE = "before"
    BESIDE = "beside"
    AFTER = "after"


def add(token: Token, people: Sequence[int], how: How, by: int, owner: int, *, in_order: bool = False) -> None:
    """Ask these people, at once or in order. `owner` gets the task back when those asked before have spoken."""
    chains = [list(people)] if in_order else [[who] for who in people]
    if how is How.AFTER:
        token.internal_data.setdefault(LATER, []).extend([by, chain] for chain in chains)
        return
    if how is How.BEFORE:
        held.hold(token)
        token.internal_data[OWNER] = owner
    for chain in chains:
        _ask(token, by, chain, prior=how is How.BEFORE)


def _ask(token: Token, by: int, chain: list[int], *, prior: bool = False) -> None:
    signer = Token(token.workflow, token.task_spec, host=token)
    signer.internal_data.update({ROLE: SIGNER, WHO: chain[0], ADDED_BY: by})
    if prior:
        signer.internal_data[PRIOR] = 1
    if chain[1:]:
        signer.internal_data[NEXT] = chain[1:]
    signer._set_state(READY)


def is_signer(token: Token) -> bool:
    """Whether it is somebody who was added."""
    return token.internal_data.get(ROLE) == SIGNER


def signers(token: Token) -> list[Token]:
    """Who is asked on a task now."""
    return [each for each in token.hanging if is_signer(each)]


def waits(token: Token) -> bool:
    """A task was done: those who come after it are asked; whether it has to wait for anybody."""
    for by, chain in token.internal_data.pop(LATER, ()):
        _ask(token, by, chain)
    if not signers(token):
        return False
    token._set_state(STARTED)
    return True


def spoken(signer: Token) -> None:
    """A signer has said what they had to say: the next is asked, or what waited for them goes on."""
    host, kept = signer.host, signer.internal_data
    signer.drop()
    if host is None:
        return
    if NEXT in kept:
        _ask(host, kept[ADDED_BY], kept[NEXT], prior=PRIOR in kept)
    settle(host)


def settle(token: Token) -> None:
    """Nobody it waited for may be left: then it opens again, or goes on."""
    left = signers(token)
    if held.is_held(token) and OWNER in token.internal_data:
        if not any(PRIOR in each.internal_data for each in left):
            owner = token.internal_data.pop(OWNER)
            role = token.internal_data.get(ROLE)
            if role == SIGNER:
                owner = token.internal_data[WHO]
            held.open_again(token, owner)
    elif token._state == STARTED and not left:
        token._set_state(COMPLETED)
        token.task_spec._on_complete(token)


def remove(signer: Token) -> None:
    """Take a signer away, with those asked by them; who was to come after them is asked now."""
    host, kept = signer.host, signer.internal_data
    signer.cancel()
    if host is None:
        return
    if NEXT in kept:
        _ask(host, kept[ADDED_BY], kept[NEXT], prior=PRIOR in kept)
    settle(host)


def forget(token: Token, person: int) -> bool:
    """Somebody who was to be asked later on this task is not asked. False when they are not among those."""
    for chain in [each.internal_data[NEXT] for each in signers(token) if NEXT in each.internal_data]:
        if person in chain:
            chain.remove(person)
            _tidy(token)
            return True
    for _, chain in token.internal_data.get(LATER, ()):
        if person in chain:
            chain.remove(person)
            _tidy(token)
            return True
    return False


def _tidy(token: Token) -> None:
    """No empty chain is kept."""
    for each in signers(token):
        if not each.internal_data.get(NEXT, (0,)):
            del each.internal_data[NEXT]
    later = [entry for entry in token.internal_data.get(LATER, ()) if entry[1]]
    if later:
        token.internal_data[LATER] = later
    else:
        token.internal_data.pop(LATER, None)


def asked(token: Token) -> Iterator[tuple[int, int, int | None]]:
    """Everybody asked on this task: person, who added them, and the id of their open task (none: they come later)."""
    for signer in signers(token):
        kept = signer.internal_data
        yield kept[WHO], kept[ADDED_BY], signer.id
        for who in kept.get(NEXT, ()):
            yield who, kept[ADDED_BY], None
    for by, chain in token.internal_data.get(LATER, ()):
        for who in chain:
            yield who, by, None
