"""The dialogs of joint work: other units asked to assist, duplicates joined, a case that goes on in another."""

from __future__ import annotations

from typing import Any, Final

from engine import links
from engine.acts import assisting, catalogue
from engine.errors import Invalid, NotFound
from engine.people import Actor
from engine.queries import cases as reading
from engine.queries.cases import Case
from web.auth import city
from web.dialogs.asking import Ask, Dialog, Given, Option, Subject, reason
from web.telling import names
from web.texts import locale


def may_assist(subject: Subject) -> bool:
    """Whether the diagram has joint work at this task."""
    found = subject.task
    return (
        found is not None
        and assisting.may_be_asked(subject.core, found.row)
        and catalogue.allowed("assist", found.node, found.definition.model)
    )


def may_join(actor: Actor, case: Case) -> bool:
    """Whether this running case may be joined to another."""
    if case.row["ended_at"] is not None or not case.open_tasks:
        return False
    return links.may_join(actor, case.row, case.open_tasks)


def _assist_asks(subject: Subject, given: Given) -> tuple[Ask, ...]:
    directory = names()
    row = subject.task.row if subject.task is not None else {}
    word = given.text("q_people", 100)
    chosen = given.people("people")
    options = tuple(
        Option(str(unit_id), directory.unit(unit_id, locale()))
        for key, unit_id in directory.unit_keys.items()
        if key not in directory.ended
        and unit_id != row.get("unit_id")
        and (unit_id in chosen or word.lower() in directory.unit(unit_id, locale()).lower())
    )
    return (
        Ask("people", "people", "协办单位", "Units", needed=True, options=options, searched=True, of_units=True),
        reason("请协办事项", "What they are asked to do", needed=False, name="text"),
    )


def _assist(subject: Subject, given: Given, key: str | None) -> Any:
    by_id = {unit_id: unit_key for unit_key, unit_id in names().unit_keys.items()}
    units = [by_id[unit_id] for unit_id in given.people("people") if unit_id in by_id]
    return assisting.ask(subject.core, subject.ref, units, subject.actor.id, text=given.text("text"), key=key)


def _join(subject: Subject, given: Given, key: str | None) -> Any:
    number = given.needed_text("number", "主案编号", "the number of the main case")
    why = given.needed_text("reason", "原因", "why")
    try:
        main = reading.row(subject.core, subject.actor, reading.by_number(subject.core, number))
    except NotFound as error:
        raise Invalid(
            why_zh=f"没有找到编号为“{number[:40]}”的案件，或您无权查看",
            why_en=f"there is no case “{number[:40]}” that you may see",
        ) from error
    return links.join(subject.core, subject.instance_id, int(main["id"]), subject.actor.id, why, key=key)


def _lasting(subject: Subject, given: Given, key: str | None) -> Any:
    return _follow(subject, given, key, links.LASTING)


def _reopen(subject: Subject, given: Given, key: str | None) -> Any:
    return _follow(subject, given, key, links.REOPENED)


def _follow(subject: Subject, given: Given, key: str | None, kind: str) -> Any:
    text = given.needed_text("text", "说明", "what is to be done")
    return links.follow_up(city().core, subject.instance_id, kind, subject.actor.id, text, key=key)


ASSIST: Final = Dialog(
    "assist",
    "请求协办",
    "Ask to assist",
    _assist,
    ("已请求协办。", "They were asked to assist."),
    _assist_asks,
    intro=(
        "本单位仍为主办，由主办答复；协办单位各有任务和时限。",
        "Your unit leads and answers; each that assists has a task and a clock of its own.",
    ),
)

OF_CASES: Final = (
    Dialog(
        "join",
        "并入主案",
        "Join to another case",
        _join,
        ("已并入主案。", "Joined to the main case."),
        lambda _subject, _given: (Ask("number", "line", "主案编号", "Number of the main case", needed=True), reason()),
        intro=(
            "本案作为重复件结束，并入主案；反映人从此跟进主案。",
            "This case ends as a duplicate; who reported it follows the main case from now on.",
        ),
        then="case",
        bad=True,
    ),
    Dialog(
        "lasting",
        "转长效整改",
        "Start a lasting repair",
        _lasting,
        ("已另立长效整改案件。", "A case for the lasting repair was started."),
        lambda _subject, _given: (reason("整改要求", "What is to be repaired", name="text"),),
        intro=(
            "现场先处置到安全；另立一件负责长期整改，两件相互关联。",
            "The place is made safe now; another case, linked to this one, repairs it for good.",
        ),
        then="case",
    ),
    Dialog(
        "reopen",
        "重新立案",
        "Open again",
        _reopen,
        ("已重新立案。", "A new case was opened."),
        lambda _subject, _given: (reason("重开原因", "Why", name="text"),),
        intro=(
            "已结束的案件没有解决问题时，另立一件并与本案关联。",
            "Where the problem was not solved, another case, linked to this one, is opened.",
        ),
        then="case",
    ),
)
