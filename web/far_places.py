"""A place that somebody reports lies in the city: a telephone without a fix, or a desk behind a proxy, says another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.public.places import nearest_area
from engine.queries.places import places
from forms.errors import InvalidAnswers, Problem

if TYPE_CHECKING:
    from engine.core import Core
    from forms.form import Form


def check(core: Core, form: Form, answers: Mapping[str, Any]) -> None:
    """InvalidAnswers when the position of a report is far from every town of the city. A city whose areas have no positions takes all."""
    lat, lon = answers.get("lat"), answers.get("lon")
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (lat, lon)):
        return
    if not places(core) or nearest_area(core, float(lat or 0), float(lon or 0)) is not None:
        return
    field = "place" if "place" in form.properties else "lat"
    zh, en = "标记的位置不在本市，请在图上重新标记。", "The place you marked is not in this city: mark it again."
    raise InvalidAnswers([Problem(field, zh, en)])
