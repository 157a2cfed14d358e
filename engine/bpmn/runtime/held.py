"""A task that waits for other people before it goes on: sent back to somebody, or until those who were added to it have said their word.

Its token stays where it is, with all that hangs on it; nobody sees it in an inbox. When it opens again it is another task, under a new
id: what was closed is never opened."""

from __future__ import annotations

from engine.bpmn.runtime.live import COMPLETED, READY, WAITING, Token

WHO = "w"
"""In a token's own bookkeeping: the person that its task is meant for, whatever the diagram says."""

ROLE = "e"
"""There too: what the task is, when it is not the diagram's own."""

SIGNER, VOTER, DETOUR = "signer", "voter", "detour"
"""Roles: somebody who was added to a task gives an opinion; was added to a vote and has one like the others; gets back what they did."""


def hold(token: Token) -> None:
    """Close an open task; its token waits."""
    token._set_state(WAITING)


def is_held(token: Token) -> bool:
    """Whether it waits so."""
    return bool(token._state == WAITING and token.task_spec.manual)


def open_again(token: Token, person: int | None = None) -> Token:
    """The held task opens, under a new id, for `person` if they can. Answers its token."""
    again = Token(token.workflow, token.task_spec, host=token.host)
    again.data, again.internal_data = token.data, token.internal_data
    token.internal_data = {}
    for child in token.hanging:
        child._parent = again.id
    again._children, token._children = token._children, []
    if person is not None:
        again.internal_data[WHO] = person
    again._state = READY
    token._state = COMPLETED
    token.drop()
    return again
