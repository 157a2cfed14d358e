"""One family of errors: each says in the user's words, in Chinese and English, what cannot be done and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar


class LiandongError(Exception):
    """The base of everything a user may be told. `params` fill the two templates."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    zh: ClassVar[str] = "操作未能完成。"
    en: ClassVar[str] = "This could not be done."

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.text("en"))

    def text(self, locale: str = "zh") -> str:
        """The sentence in `locale` ("zh" or "en")."""
        template = self.zh if locale.startswith("zh") else self.en
        return template.format_map(_Params(self.params))


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class NotFound(LiandongError):
    """It does not exist, or it is not yours: both are answered alike, so that nobody learns which."""

    code = "not_found"
    status = 404
    zh = "没有找到{what_zh}，或者您无权查看。"
    en = "No {what} was found that you may see."

    _ZH: ClassVar[dict[str, str]] = {
        "case": "案件",
        "running case": "办理中的案件",
        "task": "任务",
        "file": "文件",
        "incident": "异常",
        "open incident": "未处理的异常",
        "person": "人员",
        "process": "流程",
        "process definition": "流程定义",
        "process waiting for message": "等待该消息的流程：",
        "token": "令牌",
        "unit": "单位",
        "post": "岗位",
        "substitution": "代理",
        "duty": "值班",
        "change": "变更",
        "world": "场景",
        "batch": "批量办理",
        "operation": "操作申请",
        "page": "此页",
        "act": "此操作",
        "form": "表单",
        "figure": "此项统计",
        "report": "上报",
        "channel": "通知渠道",
        "delivery": "待发通知",
        "register": "登记表",
        "source": "事件来源",
        "plan": "预案",
        "drill": "演练",
        "row": "登记",
        "draft": "草稿",
        "proposal": "发布申请",
    }

    def __init__(self, what: str) -> None:
        kind, _, name = (what, "", "") if what in self._ZH else what.rpartition(" ")
        known = self._ZH.get(kind)
        super().__init__(what=what, what_zh=f"{known} {name}".strip() if known else what)


class NotAllowed(LiandongError):
    """The actor sees the thing but may not do this with it."""

    code = "not_allowed"
    status = 403
    zh = "您不能{act_zh}：{why_zh}。"
    en = "You may not {act_en}: {why_en}."


class TaskGone(LiandongError):
    """The task was completed, cancelled or taken by somebody else: the only reason for a 409."""

    code = "task_gone"
    status = 409
    zh = "任务“{task}”{state_zh}：{who}，{when}。"
    en = "The task “{task}” {state_en}: {who}, {when}."

    def __init__(self, at: datetime | None = None, **params: Any) -> None:
        self.at = at
        super().__init__(**params)


class Suspended(LiandongError):
    """Its instance stands still: nothing is done with it until it is resumed."""

    code = "suspended"
    status = 409
    zh = "案件已由{who}于{when}暂停（{why}），恢复后才能办理。"
    en = "The case was suspended by {who} at {when} ({why}); nothing can be done with it until it is resumed."


class Busy(LiandongError):
    """The instance kept changing while we tried; nothing was written."""

    code = "busy"
    status = 503
    zh = "该案件正被多人同时办理，请稍后重试。"
    en = "Many people are working on this case at once; please try again."


class KeyReused(LiandongError):
    """An idempotency key was sent again with another request."""

    code = "key_reused"
    status = 422
    zh = "请求标识“{key}”已用于另一个不同的请求。"
    en = "The idempotency key “{key}” was already used for a different request."


class Invalid(LiandongError):
    """A value was refused; `problems` name place and cause."""

    code = "invalid"
    status = 422
    zh = "{why_zh}"
    en = "{why_en}"


class DefinitionRefused(LiandongError):
    """A definition was not deployed; `problems` has a line for each reason."""

    code = "definition_refused"
    status = 422
    zh = "流程定义未通过检查，共 {count} 处问题：{first}"
    en = "The definition was refused for {count} problem(s): {first_en}"

    def __init__(self, problems: Sequence[Any] = (), **params: Any) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(self.problems), **params)


class StepFailed(LiandongError):
    """The process could not go on from here; what was open stays open and an incident is written."""

    code = "step_failed"
    status = 500
    zh = "流程在“{node}”处无法继续：{why_zh}"
    en = "The process cannot go on at “{node}”: {why}"

    def __init__(self, node: str, why: str, why_zh: str = "") -> None:
        super().__init__(node=node, why=why, why_zh=why_zh or why)


class Uncaught(StepFailed):
    """An error was thrown that no event of the diagram catches."""

    code = "uncaught"


class BusinessError(LiandongError):
    """What a server action raises when the business says no: not a failure to be tried again, but the BPMN error `error_code` of its
    service task, which a boundary event or an event sub-process may catch. `payload` goes with it."""

    code = "business_error"
    status = 422
    zh = "业务错误“{error_code}”。"
    en = "Business error “{error_code}”."

    def __init__(self, error_code: str, payload: dict[str, Any] | None = None) -> None:
        self.error_code = error_code
        self.payload = payload
        super().__init__(error_code=error_code)


class LeaseLost(LiandongError):
    """A worker came back after its lease had passed to another: its work is not written."""

    code = "lease_lost"
    status = 409
    zh = "作业 {job} 已由其他节点接管。"
    en = "Job {job} was taken over by another worker."


class CannotChange(LiandongError):
    """A running instance cannot go on by another version of its process. `kind` groups the reasons: the same of many instances."""

    code = "cannot_change"
    status = 409
    zh = "{why_zh}"
    en = "{why_en}"

    def __init__(self, kind: str, why_zh: str, why_en: str) -> None:
        self.kind = kind
        super().__init__(why_zh=why_zh, why_en=why_en)
