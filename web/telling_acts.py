"""Recorded acts in words, for auditors. An act that has none here is shown by its word of code."""

from __future__ import annotations

import json
from typing import Any, Final

from web.texts import t

_KINDS: Final = {
    # records and content
    "verified": ("验证记录", "Records verified"),
    "verification_asked": ("要求验证记录", "Verification asked for"),
    "verification_begun": ("开始验证记录", "Verification begun"),
    "loss_accepted": ("确认备份恢复后的缺失", "Loss after a restored backup accepted"),
    "deployed": ("发布流程版本", "Version of a process deployed"),
    "process_drafted": ("起草流程", "Process drafted"),
    "process_trial_started": ("试运行流程草稿", "Trial of a draft begun"),
    "process_trial_ended": ("结束试运行", "Trial of a draft ended"),
    "process_draft_discarded": ("放弃流程草稿", "Draft of a process discarded"),
    "process_proposed": ("申请发布流程", "Publishing a process proposed"),
    "migration_tried": ("试算在办案件迁移", "Migration of running cases tried"),
    "migration_proposed": ("申请迁移在办案件", "Migration of running cases proposed"),
    "migration_approved": ("批准迁移在办案件", "Migration of running cases approved"),
    "migration_refused": ("驳回迁移在办案件", "Migration of running cases refused"),
    "migration_withdrawn": ("撤回迁移方案", "Migration of running cases withdrawn"),
    "migration_stopped": ("停止迁移在办案件", "Migration of running cases stopped"),
    "migration_done": ("完成迁移在办案件", "Migration of running cases done"),
    "process_approved": ("批准发布流程", "Publishing a process approved"),
    "process_refused": ("驳回发布流程", "Publishing a process refused"),
    "process_withdrawn": ("撤回发布申请", "Proposal to publish withdrawn"),
    "process_published": ("按申请发布流程", "Process published as proposed"),
    "process_failed": ("流程未能发布", "Process could not be published"),
    "register_changed": ("更新登记表", "Register changed"),
    "setting_changed": ("更改设置", "Setting changed"),
    "calendar_drafted": ("起草工作日历", "Calendars drafted"),
    "calendar_edited": ("修改日历草稿", "Draft of the calendars changed"),
    "calendar_proposed": ("提交工作日历", "Calendars proposed"),
    "calendar_approved": ("批准工作日历", "Calendars approved"),
    "calendar_refused": ("驳回工作日历", "Calendars refused"),
    "calendar_withdrawn": ("撤回工作日历", "Calendars withdrawn"),
    "calendar_rebased": ("日历草稿更新到现行版本", "Draft brought onto the present calendars"),
    "calendar_counted": ("按新日历重算时限", "Limits counted by the new calendars"),
    "report_refused": ("公众上报不予受理", "Public report refused"),
    "report_released": ("公众上报予以受理", "Public report taken"),
    # looks
    "saw_case": ("查看案件", "Looked at a case"),
    "saw_file": ("打开附件", "Opened a file"),
    "exported": ("导出表格", "Exported a sheet"),
    "printed": ("打开打印页", "Opened the sheet for print"),
    "dossier_made": ("制作案件卷宗", "Made the dossier of a case"),
    "saw_records": ("查阅审计记录", "Read the audit"),
    # security
    "logged_in": ("登录", "Logged in"),
    "logged_out": ("退出登录", "Logged out"),
    "log_in_failed": ("登录失败", "Log-in failed"),
    "first_factor": ("密码正确，等待第二因素", "Password right, second factor awaited"),
    "second_factor_on": ("启用第二因素", "Second factor set up"),
    "second_factor_off": ("停用第二因素", "Second factor taken away"),
    "second_factor_failed": ("第二因素错误", "Second factor wrong"),
    "recovery_codes_made": ("生成恢复码", "Recovery codes made"),
    "recovery_code_used": ("使用恢复码", "Recovery code used"),
    "password_changed": ("更改密码", "Password changed"),
    "password_set": ("重设密码", "Password set by another"),
    "unlocked": ("解除锁定", "Lock-out lifted"),
    "sessions_ended": ("结束会话", "Sessions ended"),
    "old_secret_shown": ("出示已失效的会话", "An old session was shown"),
    "token_made": ("创建接口令牌", "API token made"),
    "token_revoked": ("撤销接口令牌", "API token revoked"),
    "first_administrators": ("设立首批管理员", "First administrators made"),
    "alarm_seen": ("查看告警", "Alarm looked at"),
    "asked_why": ("查询权限原因", "Asked why a right is missing"),
    # identity
    "unmasked": ("查看来件人身份", "Looked up who reported"),
    "deleted": ("删除来件人身份", "Identity of a reporter deleted"),
    # organisation
    "change_proposed": ("提出机构变更", "Change of the organisation proposed"),
    "change_approved": ("批准机构变更", "Change of the organisation approved"),
    "change_refused": ("驳回机构变更", "Change of the organisation refused"),
    "change_withdrawn": ("撤回机构变更", "Change of the organisation withdrawn"),
    "change_begun": ("开始执行机构变更", "Change of the organisation begun"),
    "change_applied": ("机构变更执行完成", "Change of the organisation carried out"),
    "change_failed": ("机构变更无法执行", "Change of the organisation failed"),
    "substitution_made": ("安排代理", "Substitute named"),
    "substitution_ended": ("结束代理", "Substitution ended"),
    "unit_created": ("新设机构", "Unit made"),
    "unit_changed": ("机构变更", "Unit changed"),
    "unit_ended": ("机构撤销", "Unit ended"),
    "person_created": ("新增人员", "Person added"),
    "person_changed": ("人员变更", "Person changed"),
    "person_left": ("人员离职", "Person left"),
    "post_given": ("任职", "Post given"),
    "post_changed": ("任期变更", "Post changed"),
    "post_taken": ("免职", "Post taken"),
    "area_created": ("新增区域", "Area added"),
    "area_changed": ("区域变更", "Area changed"),
    "area_ended": ("区域撤销", "Area ended"),
    "duty_put": ("安排值班", "Duty set"),
    "duty_removed": ("取消值班", "Duty taken away"),
    "technical_person_made": ("建立技术账户", "Technical account made"),
    # acts on cases
    "started": ("上报、发起", "Started"),
    "completed": ("办理环节", "Step done"),
    "claimed": ("领取", "Claimed"),
    "released": ("退回待领", "Given back"),
    "transferred": ("转办", "Handed over"),
    "signed": ("签收", "Signed for"),
    "delegated": ("委托", "Delegated"),
    "resolved": ("受托人交还", "Given back by a delegate"),
    "recalled": ("收回委托", "Taken back from a delegate"),
    "returned": ("退回", "Sent back"),
    "withdrawn": ("撤回", "Withdrawn"),
    "signers_added": ("加签", "Signers added"),
    "signer_removed": ("减签", "Signer removed"),
    "rejected": ("否决", "Rejected"),
    "assist_asked": ("请求协办", "Assistance asked for"),
    "urged": ("催办", "Urged"),
    "copied": ("抄送、传阅", "Copied, circulated"),
    "read": ("阅知", "Read"),
    "commented": ("留言", "Comment"),
    "attached": ("上传附件", "File added"),
    "timer_fired": ("到时", "Time reached"),
    "action_done": ("系统动作", "Action of the system"),
    "message": ("收到消息", "Message received"),
    "signal": ("收到信号", "Signal received"),
    "sent": ("送出消息", "Message delivered"),
    "missed": ("消息无人接收", "Message that nothing waited for"),
    "error": ("报告错误", "Error reported"),
    "cancelled": ("终止", "Cancelled"),
    "suspended": ("暂停", "Suspended"),
    "resumed": ("恢复", "Resumed"),
    "proposed": ("运维申请", "Operation asked for"),
    "reviewed": ("复核运维申请", "Operation reviewed"),
    "token_moved": ("移到其他环节", "Token moved"),
    "variable_set": ("修改数据", "Variable set"),
    "failed": ("停住", "Stopped"),
    "retried": ("重试", "Tried again"),
    "breached": ("超时", "Overdue"),
    "linked": ("关联案件", "Case linked"),
    "moved": ("任务移交", "Moved to another unit"),
    "migrated": ("改按另一版流程", "Goes on by another version"),
    "wrote": ("与来件人往来", "Words with the reporter"),
}

_STREAMS: Final = {
    "organisation": ("机构人员", "Organisation"),
    "security": ("登录与安全", "Log-in and security"),
    "identity": ("来件人身份", "Who reported"),
    "content": ("流程、登记表、设置", "Processes, registers, settings"),
    "records": ("记录验证", "Verification"),
    "reading": ("谁看了什么", "Who looked at what"),
    "cases": ("案件办理", "Acts on cases"),
}

LONGEST = 160


def act(kind: str) -> str:
    """What was done."""
    return t(*_KINDS[kind]) if kind in _KINDS else kind.replace("_", " ")


def stream(name: str) -> str:
    """A stream by its name."""
    name = "reading" if name.startswith("read:") else name
    return t(*_STREAMS[name]) if name in _STREAMS else name


def details(data: Any) -> list[tuple[str, str]]:
    """What is kept with an act, as names and texts; ciphertext stays what it is, only shorter."""
    if not isinstance(data, dict):
        return []
    return [(t(*_NAMES_OF.get(k, (k, k))), _text(v)) for k, v in data.items() if v not in (None, "", [], {})]


_NAMES_OF: Final = {
    "before": ("之前", "before"),
    "after": ("之后", "after"),
    "reason": ("原因", "reason"),
    "note": ("说明", "note"),
    "hash": ("哈希", "hash"),
    "source": ("来源", "source"),
    "files": ("文件", "files"),
    "changed": ("变更", "changed"),
    "ended": ("停用", "ended"),
    "count": ("数量", "count"),
    "digest": ("摘要", "digest"),
    "good": ("完整", "whole"),
    "rows": ("行数", "rows"),
    "chains": ("链数", "chains"),
    "checkpoints": ("检查点", "checkpoints"),
    "findings": ("发现", "findings"),
    "unsealed": ("未封存", "not sealed yet"),
    "kinds": ("种类", "kinds"),
    "first": ("例如", "such as"),
    "notes": ("说明", "notes"),
    "warnings": ("请核实", "to look at"),
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if (
        isinstance(value, list)
        and value
        and all(isinstance(each, dict) and {"zh", "en"} <= each.keys() for each in value)
    ):
        return "; ".join(t(each["zh"], each["en"]) for each in value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
