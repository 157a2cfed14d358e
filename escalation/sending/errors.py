"""Why something did not leave the house."""

from __future__ import annotations

from engine.errors import LiandongError


class NotSent(Exception):
    """The receiver was not reached, or did not take it; what it says is told to operators, who read no content there."""


class WrongAddress(LiandongError):
    """No address of this channel."""

    code = "wrong_address"
    status = 422
    zh = "地址不正确：{why_zh}"
    en = "This is no such address: {why_en}"


class WrongCode(LiandongError):
    """Not the code that was sent, or too late."""

    code = "wrong_code"
    status = 422
    zh = "验证码不正确或已过期。"
    en = "Not the code that was sent, or it came too late."


class NotReached(LiandongError):
    """The code could not be sent."""

    code = "not_reached"
    status = 502
    zh = "验证码未能送达：{why}"
    en = "The code could not be sent: {why}"


class TooManyCodes(LiandongError):
    """Enough codes for today."""

    code = "too_many_codes"
    status = 429
    zh = "今天发送的验证码过多，请明天再试。"
    en = "Too many codes were sent today; try again tomorrow."
