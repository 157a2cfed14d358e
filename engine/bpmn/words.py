"""What people call the elements of BPMN, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.model import Trigger

TRIGGERS: Mapping[Trigger, tuple[str, str]] = {
    Trigger.TIMER: ("定时", "timer"),
    Trigger.MESSAGE: ("消息", "message"),
    Trigger.SIGNAL: ("信号", "signal"),
    Trigger.ERROR: ("错误", "error"),
    Trigger.ESCALATION: ("升级", "escalation"),
    Trigger.CONDITIONAL: ("条件", "condition"),
    Trigger.LINK: ("链接", "link"),
    Trigger.COMPENSATION: ("补偿", "compensation"),
    Trigger.CANCEL: ("取消", "cancel"),
    Trigger.TERMINATE: ("终止", "terminate"),
}
"""What an event is about: “定时”事件, a timer event."""
