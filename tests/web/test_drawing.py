"""Every shipped form can be drawn, in both languages, and read back untouched; English pages hold no Chinese of ours."""

from __future__ import annotations

import re

import pytest
from flask import Flask, g, render_template_string

from tests.web.visitor import COLLECTOR, LEADER, Forms, Visit
from web.city import City
from web.drawing import draw

PAGE = '{% import "_fields.html" as fields %}<form action="/x">{{ fields.form_fields(drawn, 1) }}</form>'
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing here can depend on the kind of database


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_shipped_form_is_drawn(app: Flask, city: City, locale: str) -> None:
    drawn = 0
    for key in ("case_dispatch", "supervision", "excavation_permit", "plan_snow", "document"):
        definition = city.definition(key)
        for name, form in definition.forms.items():
            with app.test_request_context("/"):
                g.actor, g.locale = city.actor(COLLECTOR), locale
                text = render_template_string(PAGE, drawn=draw(form, {}))
            for one in form.properties.values():
                if one.access == "edit" and one.control not in ("rows", "group", "checkbox"):
                    assert f'name="{one.name}"' in text, (key, name, one.name)
            labels = re.findall(r'<label[^>]* for="([^"]+)"', text)
            ids = re.findall(r' id="([^"]+)"', text)
            assert set(labels) <= set(ids), (key, name)
            assert len(ids) == len(set(ids)), (key, name)
            drawn += 1
    assert drawn > 20


def test_values_survive_being_drawn(app: Flask, city: City) -> None:
    form = city.definition("case_dispatch").forms["report"]
    values = {"source": "video", "title": '"<井盖>" & \'', "area": "yuanlin", "place": "x", "lat": 30.4, "lon": 112.9}
    values |= {"description": "一\n二 </textarea>", "self_handled": True, "self_handled_note": "已处理"}
    with app.test_request_context("/"):
        g.actor, g.locale = city.actor(COLLECTOR), "zh"
        text = render_template_string(PAGE, drawn=draw(form, values))
    fields = Forms(text).of("/x")
    assert fields is not None
    assert form.parse_post({name: [value] for name, value in fields.items()}) == values


def test_english_pages_are_english(visit: Visit, city: City) -> None:
    """What stays Chinese on an English page is content: names of people, and what people wrote."""
    case = city.start(
        "case_dispatch", {"source": "video", "title": "x1", "area": "yuanlin", "place": "x2"}, by=COLLECTOR
    )
    ref = city.tasks(case)[0].ref
    visitor = visit(LEADER, "en")
    names = {"孙国庆", "李建国", "胡丽娟", "中文"}
    for path in (
        "/",
        "/inbox",
        "/inbox?tab=unit",
        "/inbox?tab=late",
        f"/tasks/{ref}",
        f"/cases/{case}",
        f"/cases/{case}/print",
        "/nothing",
    ):
        text = re.sub(r"<select.*?</select>", "", visitor.get(path).text, flags=re.DOTALL)
        found = set(CHINESE.findall(re.sub(r"<[^>]+>", " ", text))) - names
        assert not found, (path, found)
