"""The channels: what is an address of each, how it is shown masked, and how a message goes out by it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from escalation.sending import bots, mail, posting
from escalation.sending.errors import NotSent, WrongAddress
from escalation.sending.posting import Gate
from escalation.sending.rules import MAIL, WEBHOOK, Rules

MOST = 500
"""Characters of an address."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. `id`: the same whenever it is sent again; `kind`: of notices, or `digest`, `code`."""

    id: str
    kind: str
    urgent: bool
    subject: str
    text: str
    link: str
    at: datetime
    locale: str


def check(rules: Rules, channel: str, address: str) -> str:
    """The address as it is kept. WrongAddress where it is none of this channel, or not allowed."""
    given = address.strip()
    if not given or len(given) > MOST:
        raise WrongAddress(why_zh="为空或过长", why_en="it is empty or too long")
    if channel == MAIL:
        return mail.check(given)
    if channel == WEBHOOK:
        _gate(rules).check(given)
        return given
    return bots.check(channel, given)


def masked(channel: str, address: str) -> str:
    """What is shown of it: enough for its owner to know it again."""
    if channel == MAIL:
        name, _, host = address.partition("@")
        return f"{name[:1]}•••{name[-1:] if len(name) > 3 else ''}@{host}"[:100]
    if channel == WEBHOOK:
        return f"{urlsplit(address).netloc}/•••"[:100]
    return f"•••{address.partition(':')[0][-4:]}"


def send(rules: Rules, channel: str, address: str, message: Message) -> None:
    """Send it. NotSent when it was not taken; it may have arrived nevertheless."""
    if channel == MAIL:
        text = _with_link(message)
        mail.send(rules, mail.message(rules, message.id, address, message.subject, text, message.at, message.locale))
    elif channel == WEBHOOK:
        _post(rules, address, message)
    else:
        number = f"No. {message.id}" if message.locale == "en" else f"编号 {message.id}"
        bots.send(rules, channel, address, message.subject, f"{_with_link(message)}\n{number}")


def _post(rules: Rules, address: str, message: Message) -> None:
    body = {
        "id": message.id,
        "kind": message.kind,
        "urgent": message.urgent,
        "subject": message.subject,
        "text": message.text,
        "link": message.link,
        "at": message.at.isoformat(),
    }
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.id}
    try:
        answer = posting.post(
            _gate(rules), address, json.dumps(body, ensure_ascii=False).encode(), headers, rules.timeout
        )
    except WrongAddress as error:
        raise NotSent(str(error)) from error
    posting.accepted(answer, urlsplit(address).hostname or "")


def _gate(rules: Rules) -> Gate:
    return Gate(rules.webhook_hosts, rules.webhook_private)


def _with_link(message: Message) -> str:
    return f"{message.text}\n\n{message.link}" if message.link else message.text
