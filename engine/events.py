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
    SIGNED = "signed"  # the unit has received it
    DELEGATED = "delegated"  # to, text
    RESOLVED = "resolved"  # answers: the delegate has done it, it is back with whose it is
    RECALLED = "recalled"  # who delegated it took it back
    RETURNED = "returned"  # to: the node it was sent back to; text, again (the steps between run again), path, opened
    WITHDRAWN = "withdrawn"  # who sent it on took it back; path, opened
    SIGNERS_ADDED = "signers_added"  # how (before, beside, after), people, text, opened
    SIGNER_REMOVED = "signer_removed"  # person, text
    REJECTED = "rejected"  # text; the case ended
    ASSIST_ASKED = "assist_asked"  # units, text, path, opened: the lead asks other units to assist
    URGED = "urged"  # people, text
    COPIED = "copied"  # how (copy, circulate), people, text
    READ = "read"  # a copy was read; text: what its reader wrote
    COMMENTED = "commented"  # text, people: whom it names
    ATTACHED = "attached"  # attachment, name
    TIMER_FIRED = "timer_fired"  # timer, missed (times that passed and got no firing of their own), path, opened
    ACTION_DONE = "action_done"  # name, result, error, path, opened
    MESSAGE = "message"  # name, payload, path, opened
    SIGNAL = "signal"  # name, payload, path, opened
    SENT = "sent"  # what, name, to: the instances that got it
    MISSED = "missed"  # what, name: it came when nothing waited for it any more
    ERROR = "error"  # code, path, opened: somebody reported that a task failed
    CANCELLED = "cancelled"  # text
    SUSPENDED = "suspended"  # text
    RESUMED = "resumed"  # text, after: seconds it stood still
    PROPOSED = "proposed"  # operation: what an operator asks a second person to allow; what, text
    REVIEWED = "reviewed"  # operation, state, text
    TOKEN_MOVED = "token_moved"  # noqa: S105  a token of a process; operation, from, to, path, opened
    VARIABLE_SET = "variable_set"  # operation, name, before, after
    FAILED = "failed"  # incident: text
    RETRIED = "retried"  # text
    BREACHED = "breached"  # clock, due
    REMINDED = "reminded"  # clock, due, people: it turned yellow
    CLOCK_PAUSED = "clock_paused"  # clock, ground, text, basis, document, until, approved_by, request
    CLOCK_RESUMED = "clock_resumed"  # clock, due: it runs again
    CLOCK_EXTENDED = "clock_extended"  # clock, amount, unit, due, text, basis, approved_by, request
    CLOCK_ASKED = (
        "clock_asked"  # request, kind, clock, by, unit, text, document, ground, until: more time, or that it stand
    )
    CLOCK_REFUSED = "clock_refused"  # request, kind, clock, outcome, text: nothing came of it
    CLOCK_MOVED = "clock_moved"  # clock, before, after, from, version: counted by another version of its calendar
    CLOCK_BUDGET = "clock_budget"  # clock, amount and ground (the limit and its unit before), to, unit, before, due
    RUNG = "rung"  # rung (its number), kind, round, unit, what (climbed, answered, closed), outcome, due, text
    TIMERS_MOVED = "timers_moved"  # timers ({timer, before, after} of each), version: the calendar changed
    STALLED = "stalled"  # since: no act of a person moved it for so long
    JOINED = "joined"  # answers: it was to be started again while it ran; what was said then is kept with it
    LINKED = "linked"  # other, kind
    # the organisation changed: change (its id), from, to, tasks; without a task the row's unit is whose the case was until then
    MOVED = "moved"
    # it goes on by another version: migration (the plan's id), from, to (versions), nodes (those called otherwise now), without (those
    # that have no counterpart), clocks (called otherwise), dropped_clocks (given up), path, opened
    MIGRATED = "migrated"
    WROTE = "wrote"  # what: a message between the office and a reporter; its text stays in public_message
