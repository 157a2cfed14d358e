"""People who come, change posts, and leave, on a draft."""

from __future__ import annotations

from engine.organisation.draft import Draft
from engine.organisation.plans import Held, Leave, People


def people(draft: Draft, plan: People) -> None:
    """New people and names, then posts given and taken."""
    for wanted in plan.people:
        draft.put_person(wanted)
    for each in plan.take:
        key = (each.login, each.unit, each.post)
        if key in draft.now.held:
            draft.take(key)
        else:
            unit_zh, unit_en = draft.now.unit_names(each.unit)
            post_zh, post_en = draft.now.post_names(each.post)
            draft.problem(
                f"“{draft.now.name(each.login)}”在“{unit_zh}”不任岗位“{post_zh}”。",
                f"“{draft.now.name(each.login)}” does not hold the post “{post_en}” in “{unit_en}”.",
                "post",
            )
    for each in plan.give:
        draft.give(each)


def leave(draft: Draft, plan: Leave) -> None:
    """Somebody leaves; the successor takes over the posts that nobody else holds."""
    if not draft.person(plan.login):
        return
    if plan.successor is not None:
        if not draft.person(plan.successor, "successor"):
            return
        if draft.now.human(plan.successor) == draft.now.human(plan.login):
            draft.problem("接任者不能是本人的另一个账号。", "The successor is the same human being.", "successor")
            return
    for other in sorted(draft.now.people):
        if other != plan.login and draft.now.active(other) and draft.now.human(other) == draft.now.human(plan.login):
            draft.note(
                f"此人还有另一个账号“{other}”，不受本次变更影响。",
                f"They have another account, “{other}”, which stays.",
            )
    posts = draft.now.posts_of(plan.login)
    terms = {key: draft.now.held[key] for key in posts}
    draft.leave(plan.login, plan.successor)
    if plan.successor is None:
        return
    for key in posts:
        _, unit, post = key
        others = (k for k in draft.now.held if k[1:] == (unit, post) and draft.now.active(k[0]))
        if not any(others) and draft.now.runs(terms[key]) and draft.now.units[unit]["ended_at"] is None:
            draft.give(Held(plan.successor, unit, post, None, terms[key][1]))
