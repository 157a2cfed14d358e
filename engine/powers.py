"""The powers that a post can carry, in words. A word that stands nowhere here is a mistake: a test holds posts and policies to it."""

from __future__ import annotations

from typing import Final

POWERS: Final[dict[str, tuple[str, str]]] = {
    "report": ("上报问题", "report problems"),
    "see_all_cases": ("查看全部案件", "see all cases"),
    "see_figures": ("查看统计", "see figures"),
    "see_organisation": ("查看组织机构", "see the organisation"),
    "dispatch": ("派遣", "dispatch"),
    "bulk_dispatch": ("批量派遣", "dispatch many at once"),
    "supervise": ("督办", "supervise"),
    "assess": ("组织考核", "hold assessments"),
    "inspect": ("政府督查", "work government inspections"),
    "see_clues": ("接收问题线索", "receive referred clues"),
    "apply_permit": ("受理许可申请", "apply for permits"),
    "start_plan": ("启动预案", "start plans"),
    "receive": ("受理公众来件", "receive reports of the public"),
    "unmask": ("查看上报人身份", "see who reported"),
    "keep_registers": ("维护登记表", "keep registers"),
    "organise": ("安排本单位值班和代理", "set duty and substitutes of the own unit"),
    "design": ("设计流程", "design processes"),
    "operate": ("运行维护", "operate"),
    "administer": ("系统管理", "administer the system"),
    "secure": ("安全管理", "administer security"),
    "audit": ("审计管理", "administer audit"),
}


def in_words(power: str, locale: str) -> str:
    """A power as its reader says it."""
    zh, en = POWERS.get(power, (power, power))
    return zh if locale == "zh" else en
