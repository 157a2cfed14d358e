"""A small permit that the public may apply for: what is missing, a grant with a certificate, and a message of the applicant's; as content
of a city would be, but for what it depends on."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import insert, update

from engine.certificates import DEFAULTS as KINDS
from engine.tables import setting
from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag, user
from tests.db.talking import at_border, message
from web.city import City

NAME, PHONE = "欧阳金丝雀", "13912340000"
SAID = {
    "title": "更换给水管道", "place": "章华中路 12 号", "start_on": "2026-03-10", "finish_on": "2026-03-20",
    "contact": NAME, "phone": PHONE, "holder": "金丝雀商贸有限公司",
}  # fmt: skip
WORKER = "fuxiaolin"


def text(title: str, en: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, "x-title": {"en": en}, "maxLength": 100, **more}


FORM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "试用许可",
    "x-title": {"en": "Trial permit"},
    "type": "object",
    "properties": {
        "title": text("工程名称", "Works", minLength=2),
        "holder": text("申请人", "Applicant", minLength=2),
        "place": text("地点", "Place", minLength=2),
        "start_on": text("开工日期", "First day", format="date"),
        "finish_on": text("完工日期", "Last day", format="date"),
        "contact": text("联系人", "Contact", **{"x-personal": "name"}),
        "phone": text("联系电话", "Telephone", format="phone", **{"x-personal": "contact"}),
        "papers": {
            "type": "array", "title": "附件", "x-title": {"en": "Papers"}, "x-control": "file",
            "items": {"type": "string", "maxLength": 200}, "maxItems": 3,
        },
    },
    "required": ["title", "holder", "place", "start_on", "finish_on", "contact", "phone"],
    "additionalProperties": False,
}  # fmt: skip
MORE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "补正材料",
    "x-title": {"en": "What is missing"},
    "type": "object",
    "properties": {
        "place": text("地点", "Place", **{"x-access": "read"}),
        "method": text("施工方法", "Method", minLength=2),
        "drawing": {
            "type": "array", "title": "图纸", "x-title": {"en": "Drawing"}, "x-control": "file",
            "items": {"type": "string", "maxLength": 200}, "maxItems": 3,
        },
    },
    "required": ["method"],
    "additionalProperties": False,
}  # fmt: skip
LINES = '=[{zh: "地点", en: "Place", value: place}, {zh: "施工方法", en: "Method", value: method}]'
GRANT = f"""<ld:action name="certificate" kind="trial" holder="=holder" valid_from="=start_on" valid_until="=finish_on"
  lines='{LINES}' public='={{place: place, holder: holder}}'/>"""
KIND = {
    "prefix": "SY", "zh": "试用许可证", "en": "Trial permit", "article_zh": "试用条例第一条", "article_en": "article 1 of a rule",
    "public": {"place": {"zh": "地点", "en": "Place"}},
}  # fmt: skip
SAYS = {
    "form": "apply",
    "asks": [{"message": "trial_withdrawn", "zh": "撤回申请", "en": "Withdraw it"}],
    "tells": ["method"],
    "needs": [{"zh": "图纸", "en": "A drawing"}],
}


def permit() -> dict[str, bytes]:
    """S (form) → Accept → Supply (the applicant's) → Decide → Grant → E; the message trial_withdrawn ends it at Decide."""
    office = '<ld:candidates post="operator"/>'
    parts = [
        start("S", ext('<ld:form ref="apply"/>')),
        user("Accept", settings=office),
        user("Supply", settings='<ld:form ref="more"/><ld:candidates starter="true"/>', name="补正材料"),
        user("Decide", settings=office),
        at_border("B", "Decide", "message", "trial_withdrawn", result="={withdrawn_why: payload.text}"),
        end("Withdrawn"),
        tag("serviceTask", ext(GRANT), id="Grant"),
        user("Watch", settings=office),
        end(),
        chain("S", "Accept", "Supply", "Decide", "Grant", "Watch", "E"),
        flow("B", "Withdrawn"),
    ]
    clock = '<ld:clock id="whole" budget="20" unit="work_day"/>'
    file = process(ext(clock), *parts, outside=message("trial_withdrawn"), id="trial_permit", name="试用许可")
    known = {
        k: v for form in (FORM, MORE) for k, v in form["properties"].items() if "x-personal" not in v and k != "place"
    }
    facts = {
        **{k: FORM[k] for k in ("$schema", "title", "x-title", "type")},
        "properties": {**known, "place": text("地点", "Place"), "withdrawn_why": text("撤回原因", "Why")},
    }
    files = {"apply.json": FORM, "more.json": MORE, "facts.json": facts}
    return {"trial_permit.bpmn": file, **{name: json.dumps(one).encode() for name, one in files.items()}}


def offer(city: City) -> None:
    """The permit is there, and the public may apply for it."""
    city.deploy(permit())
    put(city, "public_applications", {"trial_permit": SAYS})
    put(city, "certificate_kinds", {**KINDS["certificate_kinds"], "trial": KIND})


def put(city: City, key: str, value: Any) -> None:
    """A setting with another value."""
    with city.core.db.write() as connection:
        done = connection.execute(update(setting).where(setting.c.key == key).values(value=value))
        if not done.rowcount:
            connection.execute(insert(setting).values(key=key, value=value, source=""))


def work(city: City, case: int) -> str:
    """The office does its one open task; answers which."""
    (task,) = city.tasks(case)
    city.complete(task, {}, WORKER)
    city.run_due()
    return task.node
