"""What a calendar cannot do."""

from __future__ import annotations

from engine.errors import LiandongError


class CalendarProblem(LiandongError):
    """A calendar, a unit or a budget that no time can be counted with; says what to change."""

    code = "calendar_problem"
    status = 422
    zh = "无法计算时限：{why_zh}。"
    en = "The limit cannot be counted: {why_en}."
