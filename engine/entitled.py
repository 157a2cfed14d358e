"""Fields of a start form that not everybody who may start the process fills: `"x-posts": ["window"]` on a property names the posts whose
holders may. What a window clerk says of papers handed in (when they were received) is not the applicant's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.people import Actor
from forms.errors import InvalidAnswers, Problem
from forms.form import Form


def kept_from(form: Form, actor: Actor) -> frozenset[str]:
    """The names of the fields that somebody may not fill: pages do not draw them."""
    held = {post.post for post in actor.posts}
    return frozenset(name for name, one in form.properties.items() if one.posts and held.isdisjoint(one.posts))


def check(form: Form, cleaned: Mapping[str, Any], actor: Actor) -> None:
    """InvalidAnswers where answers fill a field that is not theirs."""
    wrong = sorted(name for name in kept_from(form, actor) if cleaned.get(name) not in (None, "", []))
    if wrong:
        raise InvalidAnswers(
            [
                Problem(name, "此项由窗口等指定岗位填写。", "Only those who hold certain posts fill this in.")
                for name in wrong
            ]
        )
