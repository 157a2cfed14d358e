"""Channels, kinds of notices and messages on their way, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from escalation.sending.rules import DINGTALK, MAIL, WEBHOOK, WECOM
from escalation.sending.wording import OURS
from web.texts import t

_CHANNELS: Final = {
    MAIL: ("邮件", "Mail"),
    WEBHOOK: ("Webhook", "Webhook"),
    WECOM: ("企业微信群机器人", "WeCom bot"),
    DINGTALK: ("钉钉群机器人", "DingTalk bot"),
}
_ADDRESSES: Final = {
    MAIL: ("邮箱地址，如 name@example.com", "an address: name@example.com"),
    WEBHOOK: ("接收地址，如 https://…（须为允许的主机）", "an address: https://… of an allowed host"),
    WECOM: ("机器人地址或其中的 key", "the bot’s address, or its key"),
    DINGTALK: (
        "机器人地址或 token；加签时为 token:secret",
        "the bot’s address or token; with a signature token:secret",
    ),
}
_STATES: Final = {
    "waiting": ("等待发送", "Waiting"),
    "sent": ("已发送", "Sent"),
    "dead": ("发送失败", "Failed"),
    "dropped": ("已放弃", "Dropped"),
}
_GROUPS: Final = (
    (
        "tasks",
        ("交给我的任务", "Tasks given to me"),
        ("assigned", "sent_back", "delegated", "recalled", "resolved", "taken"),
    ),
    ("copies", ("抄送和传阅", "Copies and circulation"), ("copied", "circulated", "read")),
    ("asked", ("提到我、请我签署意见", "My name, my opinion"), ("mentioned", "asked", "signer_removed")),
    ("started", ("我发起的案件", "Cases that I started"), ("ended", "rejected", "cancelled")),
    ("cases", ("案件的变化", "What changes in a case"), ("suspended", "resumed", "withdrawn", "linked")),
    (
        "versions",
        ("流程版本和迁移的审批", "Versions and migrations to approve"),
        (
            "publish_asked",
            "publish_approved",
            "publish_refused",
            "publish_failed",
            "migration_asked",
            "migration_approved",
            "migration_refused",
            "migration_done",
        ),
    ),
)
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds of notices that somebody wants or does not want together."""

    key: str
    label: str
    kinds: frozenset[str]


def channel(name: str) -> str:
    """What a channel is called."""
    return t(*_CHANNELS[name]) if name in _CHANNELS else name


def address_of(name: str) -> str:
    """What its address looks like."""
    return t(*_ADDRESSES[name]) if name in _ADDRESSES else ""


def state(name: str) -> str:
    """How a message stands."""
    return t(*_STATES[name]) if name in _STATES else name


def groups(kinds: Iterable[str]) -> list[Group]:
    """The kinds that the city tells and that may be done without, a few groups of them; those it made itself stand under other."""
    known = set(kinds) - OURS
    found = [Group(key, t(*label), frozenset(known & set(of))) for key, label, of in _GROUPS]
    rest = known - {kind for _, _, of in _GROUPS for kind in of}
    found.append(Group(_OTHER, t("其他通知", "Other messages"), frozenset(rest)))
    return [group for group in found if group.kinds]


def clock(minutes: int | None) -> str:
    """Minutes after midnight as a field of time takes them."""
    return f"{minutes // 60:02}:{minutes % 60:02}" if minutes is not None else ""


def minutes_of(text: str) -> int | None:
    """The other way; none for nothing, or what is no time of a day."""
    hours, _, rest = text.strip().partition(":")
    if not (hours.isdecimal() and rest[:2].isdecimal() and len(hours) <= 2):
        return None
    found = int(hours) * 60 + int(rest[:2])
    return found if found < 24 * 60 else None
