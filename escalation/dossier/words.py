"""The words of the printed dossier, Chinese and English."""

from __future__ import annotations

from typing import Final

from engine.events import Event

Pair = tuple[str, str]

TITLE: Final = ("案件卷宗", "Dossier of a case")
_HOW_ZH: Final = (
    "由系统依据案件记录生成。数据文件 {} 附于本 PDF，其哈希与此处一致且签名有效的，方为有效。"
    "核验：./run verify-dossier 文件名。截止事件相同，重复生成的哈希不变。"
)
_HOW_EN: Final = (
    "Made from the records of the case. It holds with its data file ({}, attached) of this hash and with a valid signature."
    " To verify: ./run verify-dossier FILE. Made again for the same event, the hash is the same."
)
LABELS: Final[dict[str, Pair]] = {
    "number": ("案件编号", "Number"),
    "process": ("流程", "Process"),
    "version": ("第 {} 版", "version {}"),
    "started": ("立卷起始", "Began"),
    "ended": ("办结", "Ended"),
    "status": ("状态", "State"),
    "until": ("截止事件", "Up to event"),
    "starter": ("登记人", "Begun by"),
    "hash": ("卷宗哈希（SHA-256）", "Hash of the dossier (SHA-256)"),
    "file_hash": ("数据文件哈希（SHA-256）", "Hash of the data file (SHA-256)"),
    "key": ("签名密钥", "Signed by"),
    "facts": ("一、案情", "1. What is known"),
    "holding": ("二、经办单位与用时", "2. Who held it, and for how long"),
    "clocks": ("三、时限", "3. Clocks"),
    "rungs": ("四、督办", "4. Supervision"),
    "told": ("五、告知与阅知", "5. Who was told, and who read it"),
    "files": ("六、附件", "6. Files"),
    "links": ("七、关联案件", "7. Linked cases"),
    "history": ("八、办理经过", "8. History"),
    "supervision": ("督办过程", "Supervision"),
    "proof": ("核验", "Verification"),
    "none": ("无。", "None."),
    "item": ("事项", "Item"),
    "content": ("内容", "Content"),
    "unit": ("单位", "Unit"),
    "person": ("人员", "Person"),
    "step": ("环节", "Step"),
    "from": ("起", "From"),
    "to": ("止", "To"),
    "length": ("用时", "Length"),
    "total": ("合计", "Together"),
    "any": ("（不限单位）", "(any unit)"),
    "nobody": ("（流程等待）", "(the process waits)"),
    "open": ("在办", "open"),
    "time": ("时间", "Time"),
    "event": ("事件", "Event"),
    "who": ("单位、人员", "Unit, person"),
    "what": ("内容", "What was said"),
    "kind": ("方式", "Kind"),
    "read": ("阅知时间", "Read at"),
    "unread": ("未阅", "not read"),
    "ways": ("渠道", "Ways"),
    "name": ("名称", "Name"),
    "size": ("字节", "Bytes"),
    "reason": ("事由与依据", "Reason and ground"),
    "due": ("到期", "Due"),
    "answer": ("单位答复", "The unit's answer"),
    "budget": ("时限", "Term"),
    "calendar": ("日历", "Calendar"),
    "calendar_of": ("{}（第 {} 版）", "{} (version {})"),
    "stopped": ("办结于", "Stopped"),
    "running": ("计时", "runs"),
    "paused": ("中止", "stands"),
    "late": ("超期", "late"),
    "system": ("系统", "the system"),
    "withheld": ("（依规不予显示）", "(withheld)"),
    "more": ("其余 {} 条见数据文件。", "{} more rows are in the data file."),
    "page": ("第 {} 页　共 {} 页", "Page {} of {}"),
    "how": (_HOW_ZH, _HOW_EN),
    "scan": ("扫码得数据文件哈希", "The hash of the data file"),
}

STATUS: Final[dict[str, Pair]] = {
    "active": ("在办", "open"),
    "suspended": ("暂停", "stands still"),
    "completed": ("办结", "completed"),
    "cancelled": ("终止", "cancelled"),
    "rejected": ("否决", "rejected"),
}

ENTRIES: Final[dict[str, Pair]] = {
    "paused": ("中止计时", "stood"),
    "resumed": ("恢复计时", "went on"),
    "extended": ("延期", "extended"),
    "calendar": ("日历变更重算", "counted by another calendar"),
    "budget": ("变更时限", "another term"),
}

RUNGS: Final[dict[str, Pair]] = {
    "reminder": ("提醒", "reminder"),
    "urge": ("催办", "urge"),
    "yellow_card": ("黄牌", "yellow card"),
    "red_card": ("红牌", "red card"),
    "supervise": ("督办", "supervision order"),
    "declared_major": ("认定为重大事项", "declared a major matter"),
    "refer_up": ("提请市政府督查室", "referred to the government inspection office"),
    "inspection": ("政府督查", "government inspection"),
}

OUTCOMES: Final[dict[str, Pair]] = {
    "accepted": ("答复认可", "reply accepted"),
    "refused": ("答复不认可", "reply not accepted"),
    "nobody_above": ("无上级单位可督办", "no unit above it"),
    "upheld": ("维持", "upheld"),
    "expired": ("逾期未答复", "not answered in time"),
    "withdrawn": ("已撤回", "withdrawn"),
    "resolved": ("事项已办结", "the matter was resolved"),
    "answered": ("已答复", "answered"),
    "concluded": ("已有结论", "concluded"),
    "over": ("督办结束", "the supervision ended"),
    "accept": ("已受理", "taken up"),
    "return": ("退回", "returned"),
    "decide": ("已作决定", "decided"),
}

TOLD: Final[dict[str, Pair]] = {
    "told": ("通知", "told"),
    "assigned": ("分派任务", "given a task"),
    "opened": ("新任务", "a new task"),
}
"""Kinds of notices that are no events."""

EVENTS: Final[dict[str, Pair]] = {
    Event.STARTED: ("登记", "started"),
    Event.COMPLETED: ("办理", "done"),
    Event.CLAIMED: ("领取", "claimed"),
    Event.RELEASED: ("退回待领", "released"),
    Event.TRANSFERRED: ("转办", "transferred"),
    Event.SIGNED: ("签收", "signed for"),
    Event.DELEGATED: ("委托", "delegated"),
    Event.RESOLVED: ("委托办回", "given back"),
    Event.RECALLED: ("收回委托", "recalled"),
    Event.RETURNED: ("退回", "sent back"),
    Event.WITHDRAWN: ("撤回", "withdrawn"),
    Event.SIGNERS_ADDED: ("加签", "signers added"),
    Event.SIGNER_REMOVED: ("减签", "signer removed"),
    Event.REJECTED: ("否决", "rejected"),
    Event.ASSIST_ASKED: ("请求协办", "assistance asked for"),
    Event.URGED: ("催办", "urged"),
    Event.COPIED: ("抄送、传阅", "copied"),
    Event.READ: ("阅知", "read"),
    Event.COMMENTED: ("留言", "comment"),
    Event.ATTACHED: ("附件", "file added"),
    Event.TIMER_FIRED: ("定时到点", "timer"),
    Event.TIMERS_MOVED: ("定时重新计算", "timers moved"),
    Event.ACTION_DONE: ("系统办理", "action done"),
    Event.MESSAGE: ("收到消息", "message received"),
    Event.SIGNAL: ("收到信号", "signal received"),
    Event.SENT: ("发出消息", "message sent"),
    Event.MISSED: ("消息无人接收", "message missed"),
    Event.ERROR: ("报告不能办理", "reported as failed"),
    Event.CANCELLED: ("终止", "cancelled"),
    Event.SUSPENDED: ("暂停", "suspended"),
    Event.RESUMED: ("恢复", "resumed"),
    Event.PROPOSED: ("运维申请", "operation asked for"),
    Event.REVIEWED: ("运维审批", "operation decided"),
    Event.TOKEN_MOVED: ("移动环节", "moved by operators"),
    Event.VARIABLE_SET: ("更改变量", "variable set"),
    Event.FAILED: ("故障", "failed"),
    Event.RETRIED: ("重试", "retried"),
    Event.BREACHED: ("超期", "late"),
    Event.REMINDED: ("临期提醒", "reminded"),
    Event.CLOCK_PAUSED: ("中止计时", "clock stands"),
    Event.CLOCK_RESUMED: ("恢复计时", "clock goes on"),
    Event.CLOCK_EXTENDED: ("延期", "term extended"),
    Event.CLOCK_ASKED: ("申请调整时限", "asked about a clock"),
    Event.CLOCK_REFUSED: ("时限申请未成", "request about a clock came to nothing"),
    Event.CLOCK_BUDGET: ("变更时限", "another term"),
    Event.CLOCK_MOVED: ("日历变更重算", "calendar changed"),
    Event.CLOCK_ASKED: ("申请调整时限", "clock: asked"),
    Event.CLOCK_REFUSED: ("时限申请未准", "clock: refused"),
    Event.RUNG: ("督办阶次", "rung"),
    Event.TIMERS_MOVED: ("定时重算", "timers moved"),
    Event.STALLED: ("长期无进展", "no progress"),
    Event.LINKED: ("关联", "linked"),
    Event.MOVED: ("机构变动移交", "moved with its unit"),
    Event.MIGRATED: ("流程改版", "went on by another version"),
    Event.WROTE: ("与上报人往来", "wrote with the reporter"),
}


def said(pair: Pair | None, language: str, otherwise: str = "") -> str:
    """One of the pair; what it is called in code where there is no word."""
    return pair[0 if language == "zh" else 1] if pair is not None else otherwise
