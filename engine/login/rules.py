"""The rules of logging in now in force: rows of the table `setting`, over which a security profile may lay stricter ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import settings
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid
from engine.tables import setting

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

PROFILE = "security_profile"
"""The setting that names the profile; `security_profile_<name>` holds what it changes, by the keys of the single settings."""

USUAL: dict[str, Any] = {
    "session_idle_minutes": 30,
    "session_absolute_minutes": 720,
    "session_rotate_minutes": 15,
    "session_grace_seconds": 60,
    "second_factor_minutes": 10,
    "recent_login_minutes": 10,
    "login_attempts_most": 5,
    "login_attempts_by_address": 50,
    "login_lock_minutes": 15,
    "login_lock_minutes_most": 240,
    "login_memory_hours": 24,
    "password_shortest": 8,
    "password_classes": 1,
    "password_days": 0,
    "password_history": 1,
    "totp_posts": [],
    "token_days_most": 366,
    "oidc_second_factor": "here",
}
"""What holds where a row is missing. Sources stand with the rows (processes/tables/settings.csv)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of sessions, of guessing, and of passwords; who needs a second factor."""

    profile: str
    idle: timedelta
    absolute: timedelta
    rotate: timedelta
    grace: timedelta
    second_factor: timedelta
    recent: timedelta
    attempts_by_login: int
    attempts_by_address: int
    lock: timedelta
    lock_most: timedelta
    memory: timedelta
    shortest: int
    classes: int
    days: int
    history: int
    totp_posts: frozenset[str]
    token_days: int
    provider_is_enough: bool

    def wants_totp(self, posts: frozenset[str]) -> bool:
        """Must somebody with these posts have a second factor?"""
        return bool(self.totp_posts & posts)


def read(connection: Connection) -> Rules:
    """The rules as they are now, in one statement."""
    rows = {
        row.key: row.value
        for row in connection.execute(
            select(setting.c.key, setting.c.value).where(
                setting.c.key.in_(list(USUAL)) | setting.c.key.startswith(PROFILE, autoescape=True)
            )
        )
    }
    profile = str(rows.get(PROFILE) or "")
    over = rows.get(f"{PROFILE}_{profile}") if profile else None
    now = {**USUAL, **rows, **(over if isinstance(over, dict) else {})}
    return Rules(
        profile=profile,
        idle=_minutes(now["session_idle_minutes"]),
        absolute=_minutes(now["session_absolute_minutes"]),
        rotate=_minutes(now["session_rotate_minutes"]),
        grace=timedelta(seconds=float(now["session_grace_seconds"])),
        second_factor=_minutes(now["second_factor_minutes"]),
        recent=_minutes(now["recent_login_minutes"]),
        attempts_by_login=int(now["login_attempts_most"]),
        attempts_by_address=int(now["login_attempts_by_address"]),
        lock=_minutes(now["login_lock_minutes"]),
        lock_most=_minutes(now["login_lock_minutes_most"]),
        memory=timedelta(hours=float(now["login_memory_hours"])),
        shortest=int(now["password_shortest"]),
        classes=int(now["password_classes"]),
        days=int(now["password_days"]),
        history=int(now["password_history"]),
        totp_posts=frozenset(now["totp_posts"]),
        token_days=int(now["token_days_most"]),
        provider_is_enough=now["oidc_second_factor"] == "provider",
    )


def profiles(core: Core) -> dict[str, dict[str, Any]]:
    """The profiles there are, by name, with what each changes; "" changes nothing."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(setting.c.key, setting.c.value).where(setting.c.key.startswith(PROFILE + "_", autoescape=True))
        ).all()
    return {"": {}, **{row.key.removeprefix(PROFILE + "_"): row.value for row in rows if isinstance(row.value, dict)}}


def choose(core: Core, by: Actor, profile: str) -> None:
    """Switch to a profile; it holds from the next request on. NotAllowed, Invalid: there is none of that name."""
    check_power(by, "secure", "更改安全策略", "change the security profile")
    if profile not in profiles(core):
        raise Invalid(why_zh="没有这个安全策略", why_en="there is no such profile")
    put(core, by, {PROFILE: profile})


def put(core: Core, by: Actor, new: Mapping[str, Any]) -> None:
    """Change settings of security in one recorded act; sealed values are recorded as changed, never shown."""
    with core.db.write() as connection:
        before = settings.read(connection, dict.fromkeys(new))
        changed = {key: value for key, value in new.items() if before[key] != value}
        for key, value in changed.items():
            settings.put(core, connection, key, value, actor=by, source="set on the pages")
        if changed:
            shown = {
                key: ["…", "…"] if key.endswith("_secret") else [before[key], value] for key, value in changed.items()
            }
            recording.record(core, connection, recording.SECURITY, "setting_changed", actor=by, data=shown)


def _minutes(value: object) -> timedelta:
    return timedelta(minutes=float(str(value)))
