"""What happened to a case, in words: one sentence for each kind of history row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.definitions import Definition
from engine.events import Event
from web.telling import names
from web.telling_cases import clock_name, name_of, people_of
from web.telling_clocks import amount_word, ground_word
from web.telling_supervision import rung_event
from web.texts import locale, t

Row = dict[str, Any]

BAD: Final = frozenset({Event.CANCELLED, Event.ERROR, Event.REJECTED, Event.BREACHED, Event.FAILED, Event.SUSPENDED})
"""Shown in red: something ended badly, is late, or stands still."""

PLAIN: Final = frozenset({Event.STARTED, Event.COMPLETED, Event.COMMENTED, Event.SIGNERS_ADDED, Event.RESOLVED})
"""Shown in full; all others are quiet."""

HOW_SIGNERS: Final = {
    "before": ("前加签", "signers before"),
    "beside": ("并加签", "signers beside"),
    "after": ("后加签", "signers after"),
}

_OPERATIONS: Final = {
    "move": ("移到其他环节", "move a token"),
    "set": ("修改数据", "set a variable"),
    "retry": ("重试异常", "retry an incident"),
}


def what_happened(kind: Event, name: str, data: Row, definition: Definition) -> str:
    """One sentence: `name` is the step's, `data` what the row holds."""
    told = _WORDS.get(kind)
    return told(name, data, definition) if told is not None else str(kind).replace("_", " ")


def operation(what: Any) -> str:
    """What an operator does to a case, in words."""
    return t(*_OPERATIONS[what]) if what in _OPERATIONS else str(what or "")


def _people(data: Row) -> str:
    return t("、", ", ").join(one for one in (names().person(who) for who in people_of(data)) if one)


def _completed(name: str, data: Row, _definition: Definition) -> str:
    auto = data.get("auto")
    if isinstance(auto, dict) and auto.get("why") == "dispatch":
        share = f"{int(float(auto.get('trust') or 0) * 1000) / 10:.1f}%"
        return t(
            f"{name}（系统按登记表直接派遣，把握 {share}）",
            f"{name} (by the system, as the register allows, {share} sure)",
        )
    return t(f"{name}（系统自动办理）", f"{name} (done by the system)") if auto else name


def _returned(name: str, data: Row, definition: Definition) -> str:
    to = data.get("to")
    there = name_of(definition.model.nodes.get(str(to or "")), str(to or "")) or t("上一步", "the step before")
    if data.get("again", True):
        return t(f"{name}：退回至“{there}”", f"{name}: sent back to “{there}”")
    return t(f"{name}：退回至“{there}”，办后直达", f"{name}: sent back to “{there}”, then straight back here")


def _added(name: str, data: Row, _definition: Definition) -> str:
    how = t(*HOW_SIGNERS.get(str(data.get("how")), HOW_SIGNERS["beside"]))
    who = _people(data)
    return t(f"{name}：{how}，请{who}签署意见", f"{name}: {how}: {who}")


def _copied(_name: str, data: Row, _definition: Definition) -> str:
    who = _people(data)
    if data.get("how") == "circulate":
        return t(f"传阅给{who}", f"Circulated to {who}")
    return t(f"抄送{who}", f"Copied to {who}")


def _commented(_name: str, data: Row, _definition: Definition) -> str:
    who = _people(data)
    return t(f"留言，提到{who}", f"Comment that names {who}") if who else t("留言", "Comment")


def _reviewed(_name: str, data: Row, _definition: Definition) -> str:
    states = {
        "done": ("批准", "allowed"),
        "refused": ("不批准", "refused"),
        "withdrawn": ("撤回申请", "withdrawn"),
    }
    what = operation(data.get("what"))
    zh, en = states.get(str(data.get("state")), ("复核", "reviewed"))
    return t(
        f"运维操作{zh}：{what}" if what else f"运维操作{zh}", f"Operation {en}: {what}" if what else f"Operation {en}"
    )


def _token_moved(_name: str, data: Row, definition: Definition) -> str:
    old, new = (name_of(definition.model.nodes.get(str(data.get(k) or "")), data.get(k)) for k in ("from", "to"))
    return t(f"运维移动环节：“{old}” → “{new}”", f"An operator moved a token: “{old}” → “{new}”")


def _assist_asked(_name: str, data: Row, _definition: Definition) -> str:
    who = t("、", ", ").join(names().unit_by_key(str(key), locale()) for key in data.get("units") or ())
    return t(f"请求协办：{who}", f"Asked to assist: {who}")


_LINKS: Final = {
    "duplicate_of": ("与另一案件重复，并入该案", "The same as another case: joined to it"),
    "has_duplicate": ("并入一件重复案件", "A duplicate was joined to it"),
    "lasting_repair_of": ("先行处置后，另立案彻底解决", "Made safe; a case for the lasting repair"),
    "reopened_from": ("结案后重新立案", "Opened again as a new case"),
    "related": ("关联案件", "A related case"),
}


def _linked(_name: str, data: Row, _definition: Definition) -> str:
    return t(*_LINKS.get(str(data.get("kind")), _LINKS["related"]))


def _wrote(_name: str, data: Row, _definition: Definition) -> str:
    """That something was written; what, only those may read who talk with reporters."""
    words = {
        "note": t("上报人补充情况", "The reporter added something"),
        "answer": t("上报人回答询问", "The reporter answered"),
        "question": t("询问上报人", "The reporter was asked"),
        "reply": t("答复上报人", "The reporter was answered"),
        "seen": t("已阅上报人来信", "What the reporter wrote was read"),
        "solved": t("上报人评价：已解决", "The reporter says: solved"),
        "unsolved": t("上报人评价：没有解决", "The reporter says: not solved"),
        "joined": t("另有市民上报同一问题", "Another citizen reported the same"),
        "released": t("审核后放行", "Looked at and released"),
    }
    return words.get(str(data.get("what", "")), t("与上报人往来", "Written with the reporter"))


def _moved(_name: str, data: Row, _definition: Definition) -> str:
    if "back" in data:
        return t("机构变更：任务退回岗位待领", "The organisation changed: tasks went back to their posts")
    old, new = (names().unit_by_key(data.get(end, ""), locale()) for end in ("from", "to"))
    return t(f"机构变更：由“{old}”转至“{new}”", f"The organisation changed: from “{old}” to “{new}”")


def _clock(data: Row, definition: Definition) -> str:
    return clock_name(str(data.get("clock") or ""), definition)


def _paused(_name: str, data: Row, definition: Definition) -> str:
    clock, ground = _clock(data, definition), ground_word(data.get("ground"))
    return (
        t(f"{clock}：停表（{ground}）", f"{clock}: paused ({ground})")
        if ground
        else t(f"{clock}：停表", f"{clock}: paused")
    )


def _extended(_name: str, data: Row, definition: Definition) -> str:
    clock, more = _clock(data, definition), amount_word(data.get("amount"), data.get("unit"))
    return t(f"{clock}：延期 {more}", f"{clock}: extended by {more}")


def _reminded(_name: str, data: Row, definition: Definition) -> str:
    clock, who = _clock(data, definition), _people(data)
    return (
        t(f"{clock}临期，提醒{who}", f"{clock} is due soon: {who} reminded".replace("  ", " "))
        if who
        else t(f"{clock}临期", f"{clock} is due soon")
    )


def _of_clock(zh: str, en: str) -> Callable[[str, Row, Definition], str]:
    return lambda _name, data, definition: t(f"{_clock(data, definition)}：{zh}", f"{_clock(data, definition)}: {en}")


def _recounted(name: str, data: Row, definition: Definition) -> str:
    several = int(data.get("stayed") or 0)
    if several > 1:
        return t(f"日历变更：{several} 项时限截止时间不变", f"The calendar changed: {several} clocks are due as before")
    if data.get("before") == data.get("after"):
        return _of_clock("日历变更，截止时间不变", "the calendar changed; it is due as before")(name, data, definition)
    return _of_clock("日历变更，截止时间重新计算", "the calendar changed, and with it the due time")(
        name, data, definition
    )


def _with_name(zh: str, en: str) -> Callable[[str, Row, Definition], str]:
    return lambda name, _data, _definition: (
        t(f"{name}：{zh}", f"{name}: {en}") if name else t(zh, en[:1].upper() + en[1:])
    )


def _to_one(zh: str, en: str) -> Callable[[str, Row, Definition], str]:
    def told(name: str, data: Row, _definition: Definition) -> str:
        return t(f"{name}：{zh}{_people(data)}", f"{name}: {en} {_people(data)}")

    return told


_REQUESTS: Final = {
    "extension": ("申请延期", "more time was asked for"),
    "shelving": ("申请挂账", "shelving was asked for"),
    "clock_suspension": ("申请依法中止计时", "a suspension by law was asked for"),
}
_CAME_TO_NOTHING: Final = {
    "refused": ("未获批准", "was not agreed to"),
    "lapsed": ("到期未决定，失效", "lapsed undecided"),
}


def _clock_asked(_name: str, data: Row, definition: Definition) -> str:
    asked = t(*_REQUESTS.get(str(data.get("kind")), _REQUESTS["clock_suspension"]))
    return t(f"{_clock(data, definition)}：{asked}", f"{_clock(data, definition)}: {asked}")


def _clock_refused(name: str, data: Row, definition: Definition) -> str:
    came = t(*_CAME_TO_NOTHING.get(str(data.get("outcome")), ("不合条件，没有执行", "could not be carried out")))
    return t(f"{_clock_asked(name, data, definition)}，{came}", f"{_clock_asked(name, data, definition)}; it {came}")


def _always(zh: str, en: str) -> Callable[[str, Row, Definition], str]:
    return lambda _name, _data, _definition: t(zh, en)


def _of(zh: str, en: str, key: str = "name") -> Callable[[str, Row, Definition], str]:
    return lambda _name, data, _definition: t(zh.format(data.get(key, "")), en.format(data.get(key, "")))


def _message(name: str, data: Row, definition: Definition) -> str:
    """By the name of the event that took it: of an event sub-process its start, the first that was passed."""
    first = next(iter(data.get("path", ())), "")
    said = name or name_of(definition.model.nodes.get(first.rpartition("/")[2]), "") or data.get("name", "")
    return t(f"收到消息：{said}", f"Message received: {said}")


def _time_reached(name: str, data: Row, _: Definition) -> str:
    missed = data.get("missed")
    if not missed:
        return t(f"到时：{name}", f"Time reached: {name}")
    return t(
        f"到时：{name}（另有 {missed} 次错过，合并为这一次）",
        f"Time reached: {name} (and {missed} times that were missed)",
    )


_WORDS: Final[Mapping[Event, Callable[[str, Row, Definition], str]]] = {
    Event.COMPLETED: _completed,
    Event.REMINDED: _reminded,
    Event.CLOCK_PAUSED: _paused,
    Event.CLOCK_RESUMED: _of_clock("恢复计时", "runs again"),
    Event.CLOCK_EXTENDED: _extended,
    Event.CLOCK_ASKED: _clock_asked,
    Event.CLOCK_REFUSED: _clock_refused,
    Event.CLOCK_BUDGET: _of_clock("时限变更", "has another limit"),
    Event.CLOCK_MOVED: _recounted,
    Event.CLAIMED: _with_name("已领取", "claimed"),
    Event.RELEASED: _with_name("退回待领", "given back"),
    Event.TRANSFERRED: _to_one("转办给", "handed to"),
    Event.SIGNED: _with_name("已签收", "signed for"),
    Event.DELEGATED: _to_one("委托给", "delegated to"),
    Event.RESOLVED: _with_name("受托人已拟办，交还本人", "the delegate has prepared it; back with its owner"),
    Event.RECALLED: _with_name("收回委托", "taken back from the delegate"),
    Event.RETURNED: _returned,
    Event.WITHDRAWN: _with_name("撤回", "withdrawn"),
    Event.SIGNERS_ADDED: _added,
    Event.SIGNER_REMOVED: _to_one("减签", "no longer to sign:"),
    Event.REJECTED: _with_name("否决，案件结束", "rejected; the case ended"),
    Event.URGED: lambda _name, data, _d: t(f"催办{_people(data)}", f"Urged {_people(data)}".strip()),
    Event.COPIED: _copied,
    Event.READ: lambda _name, data, _d: (
        t("已阅，并写了意见", "Read, with a remark") if data.get("text") else t("已阅", "Read")
    ),
    Event.COMMENTED: _commented,
    Event.ATTACHED: _always("上传附件", "File added"),
    Event.TIMER_FIRED: _time_reached,
    Event.TIMERS_MOVED: _of(
        "日历变更，定时重新计算（第 {} 版）", "The calendar changed, and with it its timers (version {})", "version"
    ),
    Event.ACTION_DONE: lambda name, _data, _d: t(f"系统执行：{name}", f"Done by the system: {name}"),
    Event.MESSAGE: _message,
    Event.SIGNAL: _of("收到信号：{}", "Signal received: {}"),
    Event.SENT: lambda name, _data, _d: (  # the names of messages are for programs
        t(f"已送达：{name}", f"Delivered: {name}") if name else t("已告知相关流程", "Another process was told")
    ),
    Event.MISSED: _always("一条消息到达时已无人等待", "A message came when nothing waited for it any more"),
    Event.ERROR: lambda name, data, _d: t(
        f"{name}：无法办理（{data.get('code', '')}）", f"{name}: cannot be done ({data.get('code', '')})"
    ),
    Event.CANCELLED: _always("终止", "Cancelled"),
    Event.SUSPENDED: _always("暂停", "Suspended"),
    Event.RESUMED: _always("恢复办理", "Resumed"),
    Event.PROPOSED: lambda _name, data, _d: t(
        f"运维申请：{operation(data.get('what'))}", f"An operator asks to {operation(data.get('what'))}"
    ),
    Event.REVIEWED: _reviewed,
    Event.TOKEN_MOVED: _token_moved,
    Event.VARIABLE_SET: _of("运维修改数据：{}", "An operator set: {}"),
    Event.FAILED: lambda name, _data, _d: t(
        f"流程在“{name}”处停住，等待运维处理", f"The process stopped at “{name}” and waits for an operator"
    ),
    Event.RETRIED: _always("运维重试", "Tried again by an operator"),
    Event.JOINED: lambda _name, data, _d: t(
        f"再次启动，并入本次（{data['source']}）" if data.get("source") else "再次启动，并入本次",
        f"Started again while it ran; joined to it ({data['source']})"
        if data.get("source")
        else "Started again while it ran; joined to it",
    ),
    Event.LINKED: _linked,
    Event.RUNG: rung_event,
    Event.STALLED: _always("长期无进展", "No progress for a long time"),
    Event.ASSIST_ASKED: _assist_asked,
    Event.MOVED: _moved,
    Event.MIGRATED: lambda _name, data, _d: t(
        f"流程改版：由第 {data.get('from')} 版改按第 {data.get('to')} 版办理",
        f"Goes on by another version of its process: from version {data.get('from')} to {data.get('to')}",
    ),
    Event.WROTE: _wrote,
}
