"""What somebody is told, in words: one sentence for each kind of notice."""

from __future__ import annotations

from typing import Any, Final

from engine.events import Event
from engine.notices import NO_CASE
from engine.publishing import telling
from escalation import reminding
from web.auth import city
from web.telling import names
from web.telling_cases import node_name
from web.texts import locale, t

Row = dict[str, Any]

_WORDS: Final = {
    "assigned": ("{who}把“{step}”交给您办理", "{who} gave you “{step}”"),
    "sent_back": ("“{step}”被{who}退回给您", "{who} sent “{step}” back to you"),
    "delegated": ("{who}委托您办理“{step}”", "{who} delegated “{step}” to you"),
    "recalled": ("“{step}”的委托已收回", "“{step}” is no longer delegated"),
    "resolved": ("您委托的“{step}”已由{who}办理，请确认", "{who} did “{step}” for you: please complete it"),
    "urged": ("{who}催办“{step}”", "{who} urges “{step}”"),
    "reminded": ("“{step}”即将到期，请抓紧办理", "“{step}” is due soon"),
    "copied": ("{who}抄送给您", "{who} sent you a copy"),
    "circulated": ("{who}请您传阅", "{who} circulates this to you"),
    "read": ("{who}已阅", "{who} has read it"),
    "mentioned": ("{who}在留言中提到您", "{who} named you in a comment"),
    "joined": ("{who}就同一事项再次发起，已并入本件", "{who} started it too: joined to this one"),
    "taken": ("您的“{step}”已不需办理", "“{step}” is not yours to do any more"),
    "asked": ("{who}请您签署意见", "{who} asks for your opinion"),
    "signer_removed": ("{who}取消了您的加签", "{who} no longer asks for your opinion"),
    "ended": ("您发起的案件已办结：{result}", "The case you started has ended: {result}"),
    "rejected": ("您发起的案件被否决", "The case you started was rejected"),
    "cancelled": ("您发起的案件已终止", "The case you started was cancelled"),
    "suspended": ("案件已暂停", "The case is suspended"),
    "resumed": ("案件已恢复办理", "The case goes on"),
    str(Event.WITHDRAWN): ("{who}撤回了“{step}”", "{who} took “{step}” back"),
    str(Event.LINKED): ("案件已关联", "The case was linked"),
    str(Event.PROPOSED): ("{who}提请批准一项运维操作", "{who} asks a second person to allow an operation"),
    str(Event.REVIEWED): ("{who}答复了您提请的运维操作", "{who} answered the operation that you proposed"),
    str(Event.BREACHED): ("“{step}”已超时", "“{step}” is overdue"),
}
_BESIDE: Final = {
    telling.PUBLISH_ASKED: (
        "{who}申请发布“{process}”的新版本，请审批",
        "{who} asks you to approve a version of “{process}”",
    ),
    telling.PUBLISH_APPROVED: ("{who}批准了“{process}”的发布申请", "{who} approved your version of “{process}”"),
    telling.PUBLISH_REFUSED: ("{who}驳回了“{process}”的发布申请", "{who} refused your version of “{process}”"),
    telling.PUBLISH_FAILED: ("“{process}”的新版本未能发布", "The version of “{process}” could not be published"),
    telling.MIGRATION_ASKED: (
        "{who}申请把“{process}”的在办案件迁移到另一版，请审批",
        "{who} asks you to approve that running cases of “{process}” go on by another version",
    ),
    telling.MIGRATION_APPROVED: ("{who}批准了“{process}”的迁移方案", "{who} approved your migration of “{process}”"),
    telling.MIGRATION_REFUSED: ("{who}驳回了“{process}”的迁移方案", "{who} refused your migration of “{process}”"),
    telling.MIGRATION_DONE: ("“{process}”的迁移方案已执行完毕", "The migration of “{process}” has been carried out"),
}
"""What is about no case."""

_OF_CLOCKS: Final = ("“{step}”即将到期（{clocks}），请抓紧办理", "“{step}” is due soon ({clocks})")
"""What a reminder says that knows of which clocks."""

BAD: Final = frozenset(
    {
        "yellow_card",
        "red_card",
        "supervise",
        "sent_back",
        "urged",
        "reminded",
        "rejected",
        "cancelled",
        "suspended",
        str(Event.BREACHED),
        telling.PUBLISH_REFUSED,
        telling.PUBLISH_FAILED,
        telling.MIGRATION_REFUSED,
    }
)
"""Shown with a mark: they want something done, or tell that something ended badly."""


def notice(row: Row) -> str:
    """One sentence; what was written with it stands beside it."""
    words = _WORDS.get(row["kind"])
    told = row["data"] or {}
    if row["kind"] in _BESIDE:
        who = names().person(row["by_id"]) or t("系统", "the system")
        process = t(str(told.get("zh", "")), str(told.get("en") or told.get("zh", "")))
        said = t(*_BESIDE[row["kind"]]).format(who=who, process=process)
        return said[:1].upper() + said[1:]
    if words is None and told.get("zh"):  # what a diagram tells (escalation/sending/telling.py)
        return t(str(told["zh"]), str(told.get("en") or told["zh"]))
    if words is None:
        return t("案件有新情况", "Something happened to the case")
    step = node_name(row["definition_id"], row["node"]) if row["node"] else t("任务", "the task")
    who = names().person(row["by_id"]) or t("系统", "the system")
    result = node_name(row["case_definition_id"], row["outcome"]) if row.get("outcome") else t("办结", "done")
    clocks = t("、", ", ").join(reminding.clocks_of(city().core, row, locale()))
    said = t(*(_OF_CLOCKS if clocks else words)).format(who=who, step=step, result=result, clocks=clocks)
    if told.get("for"):  # somebody is away
        name = names().person(told["for"])
        said = t(f"{said}（您代{name}办理）", f"{said} (you stand in for {name})")
    return said[:1].upper() + said[1:]


def about(row: Row) -> str:
    """What it is about: the case, or which proposal or plan."""
    told = row["data"] or {}
    if row["instance_id"] != NO_CASE:
        return str(row["title"] or row["number"])
    if "plan" in told:
        return t(f"迁移方案 {told['plan']}", f"Migration {told['plan']}")
    return t(f"发布申请 {told.get('proposal', '')}", f"Proposal {told.get('proposal', '')}")


def said(row: Row) -> str:
    """What somebody wrote with it."""
    text = (row["data"] or {}).get("text")
    return text if isinstance(text, str) else ""
