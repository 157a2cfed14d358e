"""A letter of an office for tests of acts: drafted, reviewed, signed; its diagram allows every act."""

from __future__ import annotations

import json

from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.factories import DISPATCHER, LEADER
from web.city import City

_ACTS = '<ld:acts allow="back back_any back_start reject add_before add_beside add_after remove_signer"/>'


def _task(id_: str, zh: str, en: str, post: str, unit: str, form: str = "") -> str:
    settings = f'<ld:names en="{en}"/><ld:candidates post="{post}" unit="{unit}"/>{_ACTS}'
    return user(id_, settings=settings + (f'<ld:form ref="{form}"/>' if form else ""), name=zh)


_FORM = {
    "title": "审核意见",
    "x-title": {"en": "Review"},
    "type": "object",
    "properties": {
        "title": {"type": "string", "title": "标题", "x-title": {"en": "Title"}, "maxLength": 80},
        "remark": {
            "type": "string",
            "title": "审核意见",
            "x-title": {"en": "Remark"},
            "x-control": "textarea",
            "maxLength": 500,
        },
        "copies": {"type": "integer", "title": "份数", "x-title": {"en": "Copies"}, "minimum": 1},
    },
    "required": ["title", "remark"],
}

FILES = {
    "letters.bpmn": process(
        ext('<ld:names en="Letters"/>'),
        start("S"),
        _task("Draft", "拟稿", "Draft", "shift_leader", "supervision_centre", "review"),
        _task("Review", "审核", "Review", "dispatcher", "command_centre", "review"),
        _task("Sign", "签发", "Issue", "dispatcher", "command_centre", "review"),
        end("E"),
        chain("S", "Draft", "Review", "Sign", "E"),
        id="letters",
        name="发文",
    ),
    "review.json": json.dumps(_FORM).encode(),
}

WRITTEN = {"title": "关于章华中路井盖整治的通知", "remark": "请审核。"}


def letter(city: City, at: str = "Review") -> int:
    """A letter that waits at a step; the leader drafted it, the dispatcher reviewed it."""
    city.deploy(FILES)
    case = city.start("letters", {}, LEADER, given={"title": WRITTEN["title"]})
    while (task := city.tasks(case)[0]).node != at:
        city.complete(task, WRITTEN, LEADER if task.node == "Draft" else DISPATCHER)
    return case
