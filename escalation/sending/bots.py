"""WeCom and DingTalk by apprise: what each wants to be told is its business. The only door to that library; nobody's text becomes an
address of it: its two services are made by name, from a key that was looked at.

apprise posts with `requests` and takes any answer of status 200 for success, while both services say in such an answer that a message
was refused (`errcode`). So here its way out is `posting`: hosts judged, no redirects, and an `errcode` is a failure that is tried again."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from apprise.plugins import dingtalk, wecombot

from escalation.sending import posting
from escalation.sending.errors import NotSent, WrongAddress
from escalation.sending.posting import Gate
from escalation.sending.rules import DINGTALK, WECOM, Rules

_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")
_TOKEN = re.compile(r"([A-Za-z0-9]{8,100})(?::([A-Za-z0-9]{8,100}))?")
_way = threading.local()


def check(channel: str, address: str) -> str:
    """The key of a bot, from itself or from the address that the service shows (for DingTalk `token` or `token:secret`). WrongAddress
    otherwise."""
    found = re.search(r"[?&](?:key|access_token)=([^&\s]+)", address)
    key = found.group(1) if found else address.strip()
    if not (_KEY if channel == WECOM else _TOKEN).fullmatch(key):
        raise WrongAddress(why_zh="请填写群机器人的密钥", why_en="it is the key of a group's bot")
    return key


def send(rules: Rules, channel: str, key: str, subject: str, text: str) -> None:
    """Say it to the group of a bot. NotSent when the service did not take it."""
    address = rules.wecom_address if channel == WECOM else rules.dingtalk_address
    parts = urlsplit(address)
    _way.gate = Gate({parts.netloc.lower()}, private=True)  # the city's own setting, typed by nobody else
    _way.timeout = rules.timeout
    try:
        if not _MAKE[channel](address, key).send(body=text, title=subject):
            raise NotSent(f"{parts.hostname}: refused")
    finally:
        del _way.gate


def _wecom(address: str, key: str) -> Any:
    bot: Any = wecombot.NotifyWeComBot(key=key)  # type: ignore[no-untyped-call]
    bot.api_url = f"{address}?{urlencode({'key': key})}"
    return _Amalgamated(bot)


def _dingtalk(address: str, key: str) -> Any:
    token, _, secret = key.partition(":")
    bot: Any = dingtalk.NotifyDingTalk(token=token, secret=secret or None)  # type: ignore[no-untyped-call]
    bot.notify_url = address + "?access_token={token}"
    return bot


class _Amalgamated:
    """A bot whose messages have no title: it stands above the text."""

    def __init__(self, bot: Any) -> None:
        self._bot = bot

    def send(self, body: str, title: str) -> bool:
        return bool(self._bot.send(body=f"{title}\n{body}"))


_MAKE: dict[str, Callable[[str, str], Any]] = {WECOM: _wecom, DINGTALK: _dingtalk}


class _Answered:
    """An answer as apprise looks at it."""

    def __init__(self, answer: posting.Answer) -> None:
        self.status_code = answer.status
        self.content = answer.content


class _Requests:
    """Stands where apprise's services have the library `requests`."""

    codes = requests.codes
    RequestException = requests.RequestException

    @staticmethod
    def post(
        url: str,
        data: str | bytes,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        **_their_own: Any,
    ) -> _Answered:
        if params:  # DingTalk's signature is quoted already
            url += "&" + "&".join(f"{name}={value}" for name, value in params.items())
        body = data.encode() if isinstance(data, str) else data
        host = urlsplit(url).hostname or ""
        try:
            answer = posting.accepted(posting.post(_way.gate, url, body, headers, _way.timeout), host)
        except WrongAddress as error:
            raise NotSent(str(error)) from error
        try:
            said = json.loads(answer.content)
        except ValueError:
            said = {}
        if isinstance(said, dict) and said.get("errcode"):
            raise NotSent(f"{host}: errcode {said['errcode']}: {str(said.get('errmsg'))[:200]}")
        return _Answered(answer)


for _module in (wecombot, dingtalk):
    setattr(_module, "requests", _Requests)  # noqa: B010  see above
