"""The kinds of history rows: what can be said to have happened to an instance."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """What a history row tells. `data` holds what belongs to it (see each)."""

    STARTED = "started"  # answers, path, opened
    COMPLETED = "completed"  # answers, path, opened
    CLAIMED = "claimed"
    RELEASED = "released"
    TRANSFERRED = "transferred"  # to, text
    COMMENTED = "commented"  # text
    ATTACHED = "attached"  # attachment, name
    TIMER_FIRED = "timer_fired"  # path, opened
    ACTION_DONE = "action_done"  # name, result, error, path, opened
    MESSAGE = "message"  # name, payload, path, opened
    SIGNAL = "signal"  # name, payload, path, opened
    SENT = "sent"  # what, name, to: the instances that got it
    MISSED = "missed"  # what, name: it came when nothing waited for it any more
    ERROR = "error"  # code, path, opened: somebody reported that a task failed
    CANCELLED = "cancelled"  # text
    FAILED = "failed"  # incident: text
    RETRIED = "retried"  # text
    BREACHED = "breached"  # clock, due
    LINKED = "linked"  # other, kind
    # the organisation changed: change (its id), from, to, tasks; without a task the row's unit is whose the case was until then
    MOVED = "moved"
    WROTE = "wrote"  # what: a message between the office and a reporter; its text stays in public_message
