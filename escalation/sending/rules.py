"""How notices leave the house, as the city has set it: rows of `setting`, each with its source; secrets are of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from engine import settings

MAIL, WEBHOOK, WECOM, DINGTALK = "mail", "webhook", "wecom", "dingtalk"
CHANNELS: Final = (MAIL, WEBHOOK, WECOM, DINGTALK)
"""By what somebody may be told outside; in-app is the notice itself."""

FULL, NUMBER, NOTHING = "full", "number", "nothing"
"""What a message tells: with the case's title and what was said; with its number and step alone; that there is something."""

DEFAULTS: dict[str, Any] = {
    "sending_off": [],
    "sending_tells": {MAIL: FULL, WEBHOOK: FULL, WECOM: NUMBER, DINGTALK: NUMBER},
    "sending_tries": 10,
    "sending_wait_seconds": 30,
    "sending_wait_minutes_most": 60,
    "sending_timeout_seconds": 10,
    "sending_lease_seconds": 60,
    "sending_at_once": 4,
    "sending_hours_most": 72,
    "sending_keep_days": 90,
    "sending_digest_minutes_most": 1440,
    "contact_code_minutes": 15,
    "contact_codes_per_day": 10,
    "webhook_hosts": [],
    "webhook_private": False,
    "wecom_address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    "dingtalk_address": "https://oapi.dingtalk.com/robot/send",
    "mail_host": "",
    "mail_port": 587,
    "mail_security": "starttls",
    "mail_login": "",
    "mail_from": "",
    "mail_name_zh": "联动",
    "mail_name_en": "Liandong",
    "site_address": "",
}
"""Proposals; processes/tables/settings.csv says where each comes from."""

STARTTLS, TLS, PLAIN = "starttls", "tls", "none"


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of one moment."""

    off: frozenset[str]
    tells: dict[str, str]
    tries: int
    """Failures after which a message is dead, until an operator sends it again."""
    wait: timedelta
    """Before the second try; it doubles."""
    wait_most: timedelta
    timeout: float
    """Seconds that a receiver may be silent."""
    lease: timedelta
    """How long what a worker took to send is its own. Longer than a sending takes; a shorter one makes repetitions, no losses."""
    at_once: int
    """Messages of one channel under way from one worker."""
    oldest: timedelta
    """What could not be sent for so long is news no more."""
    keep: timedelta
    digest_most: int
    code: timedelta
    codes_per_day: int
    webhook_hosts: frozenset[str]
    webhook_private: bool
    wecom_address: str
    dingtalk_address: str
    mail_host: str
    mail_port: int
    mail_security: str
    mail_login: str
    mail_from: str
    mail_names: tuple[str, str]
    site: str
    """The address of this site, without a slash at its end; empty: messages hold no links."""

    def offered(self, channel: str) -> bool:
        """Can anybody be told by it: is it set up, and not switched off?"""
        if channel in self.off:
            return False
        return bool(
            {
                MAIL: self.mail_host and self.mail_from,
                WEBHOOK: self.webhook_hosts,
                WECOM: self.wecom_address,
                DINGTALK: self.dingtalk_address,
            }[channel]
        )


def read(connection: Connection) -> Rules:
    """The rules as they are now."""
    given = settings.read(connection, DEFAULTS)
    usual = DEFAULTS["sending_tells"]
    return Rules(
        off=frozenset(given["sending_off"]),
        tells={**usual, **given["sending_tells"]},
        tries=max(1, int(given["sending_tries"])),
        wait=timedelta(seconds=float(given["sending_wait_seconds"])),
        wait_most=timedelta(minutes=float(given["sending_wait_minutes_most"])),
        timeout=max(0.2, float(given["sending_timeout_seconds"])),
        lease=timedelta(seconds=float(given["sending_lease_seconds"])),
        at_once=max(1, int(given["sending_at_once"])),
        oldest=timedelta(hours=float(given["sending_hours_most"])),
        keep=timedelta(days=float(given["sending_keep_days"])),
        digest_most=int(given["sending_digest_minutes_most"]),
        code=timedelta(minutes=float(given["contact_code_minutes"])),
        codes_per_day=int(given["contact_codes_per_day"]),
        webhook_hosts=frozenset(str(host).lower() for host in given["webhook_hosts"]),
        webhook_private=bool(given["webhook_private"]),
        wecom_address=str(given["wecom_address"] or ""),
        dingtalk_address=str(given["dingtalk_address"] or ""),
        mail_host=str(given["mail_host"] or ""),
        mail_port=int(given["mail_port"]),
        mail_security=str(given["mail_security"]),
        mail_login=str(given["mail_login"] or ""),
        mail_from=str(given["mail_from"] or ""),
        mail_names=(str(given["mail_name_zh"]), str(given["mail_name_en"])),
        site=str(given["site_address"] or "").rstrip("/"),
    )


def mail_password() -> str:
    """What the mail server wants to hear: LIANDONG_MAIL_PASSWORD, or what stands in the file LIANDONG_MAIL_PASSWORD_FILE names; never
    the database's to know. Empty: none is set."""
    given = os.environ.get("LIANDONG_MAIL_PASSWORD", "")
    file = os.environ.get("LIANDONG_MAIL_PASSWORD_FILE", "")
    return given or (Path(file).read_text(encoding="utf-8").strip() if file else "")
