"""Who is on duty and who is away in the demonstration: two shifts a day at both centres, a substitute, a change that waits for approval."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.core import Core
from engine.organisation import changes, duties, substitutes

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 14
SHIFTS = (("白班", 8, "command_centre", "dispatcher"), ("夜班", 20, "command_centre", "dispatcher"),
          ("白班", 8, "supervision_centre", "shift_leader"), ("夜班", 20, "supervision_centre", "shift_leader"))  # fmt: skip
PEOPLE = {
    "command_centre": ("hejianping", "guohongxia", "majunjie", "luochunhua"),
    "supervision_centre": ("sunguoqing", "hulijuan"),
}
HEADS = {"command_centre": "zhengguodong", "supervision_centre": "linzhiyuan"}


def play(core: Core) -> None:
    """Two weeks from today on; a fortnight's substitute; a merger of two offices that the security administrator has not decided on."""
    now = core.db.now()
    today = now.astimezone(ZONE).date()
    for n in range(DAYS):
        for turn, (note, hour, unit, post) in enumerate(SHIFTS):
            since = datetime.combine(today + timedelta(days=n), time(hour), ZONE)
            until = since + timedelta(hours=12)
            who = PEOPLE[unit][(2 * n + turn) % len(PEOPLE[unit])]
            if until > now:
                duties.put(core, unit, post, who, since, until, HEADS[unit], note=note)
    substitutes.make(
        core,
        "songyaqin",
        "liangzihao",
        None,
        now + timedelta(days=14),
        "songyaqin",
        post="coordinator",
        reason="参加培训",
    )
    changes.propose(
        core,
        "merge",
        {"units": ["street_lighting"], "into": "municipal_works"},
        "shenjiahao",
        "市政设施与路灯统一维护（演示）",
    )
