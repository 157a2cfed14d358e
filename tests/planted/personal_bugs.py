"""Bugs that were nearly made around what concerns a person: delegating, copies, drafts, being named."""

from __future__ import annotations

import pytest

from engine import access, identities
from engine.acts import base, receivers, signature, urging
from engine.bpmn.running import Run
from tests.planted import personal_checks as checks
from tests.planted.bug import Bug


def who_prepared_it_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Run, "remember", lambda *_args: None)


def a_delegate_completes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(base, "_check_while_delegated", lambda *_args: None)


def a_copy_shows_nothing(patch: pytest.MonkeyPatch) -> None:
    real = access.visible
    patch.setattr(access, "visible", lambda connection, actor, **_: real(connection, actor, copies=False))


def a_copy_is_passed_on(patch: pytest.MonkeyPatch) -> None:
    real = access.visible
    patch.setattr(access, "visible", lambda connection, actor, **_: real(connection, actor))


def anybody_may_be_named(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receivers, "blind", lambda *_args: [])


def administrators_get_copies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receivers, "NEVER_LENT", frozenset())


def personal_answers_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(identities, "split", lambda _form, answers: (dict(answers), {}))


def whoever_sees_it_urges(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(urging, "check_may", lambda *_args: None)


def no_signature_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signature, "check", lambda *_args: None)


PERSONAL_BUGS = (
    Bug(who_prepared_it_forgotten, checks.delegated_four_eyes),
    Bug(a_delegate_completes, checks.delegating),
    Bug(a_copy_shows_nothing, checks.copies),
    Bug(a_copy_is_passed_on, checks.copies),
    Bug(anybody_may_be_named, checks.copies),
    Bug(administrators_get_copies, checks.copies),
    Bug(personal_answers_kept, checks.personal),
    Bug(whoever_sees_it_urges, checks.urging),
    Bug(no_signature_asked_for, checks.signing),
)
