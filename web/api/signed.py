"""Signed events of other systems: no log-in, no token; the signature says who it is."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from engine import signed_events
from engine.errors import Invalid
from engine.signed_events import Signed, Wanted
from web.api.bodies import MOST_BYTES, BodyTooLarge, parse
from web.api.event_schemas import EventTakenSchema
from web.api.house import blueprint
from web.auth import city
from web.policies import PUBLIC, policy

Row = dict[str, Any]

SOURCE, TIMESTAMP, SIGNATURE = "X-Liandong-Source", "X-Liandong-Timestamp", "X-Liandong-Signature"


@blueprint.post("/events")
@policy(PUBLIC)
@blueprint.response(200, EventTakenSchema)
def take_event() -> Row:
    """Trigger a plan. Headers: `X-Liandong-Source` (the key), `X-Liandong-Timestamp` (seconds since 1970) and `X-Liandong-Signature`: the
    hexadecimal HMAC-SHA256, under the source's secret, of the timestamp, a full stop and the body. The body is a JSON object: `id` (the
    source's own, of at most 120 characters), `name` (the message, as `plan_flood_triggered`), `payload` (an object) and, where it is
    meant for one of several, `correlation`. The same id again comes to the same; with another body it is refused (422). 401: not
    signed as it should be, or too long ago. 403: the source may not send this message."""
    body = read_raw()
    source = signed_events.check(
        city().core,
        Signed(
            request.headers.get(SOURCE, "")[:64],
            request.headers.get(TIMESTAMP, "")[:20],
            request.headers.get(SIGNATURE, "").removeprefix("sha256=")[:128],
            body,
        ),
    )
    taken = signed_events.take(city().core, source, wanted(parse(body)), body)
    return {**taken, "instance": str(taken["instance"])}


def read_raw() -> bytes:
    """The bytes that are signed. BodyTooLarge."""
    request.max_content_length = MOST_BYTES
    try:
        return request.get_data()
    except RequestEntityTooLarge as error:
        raise BodyTooLarge(most=MOST_BYTES) from error


def wanted(document: Any) -> Wanted:
    """What the body says. Invalid where it is not as described."""
    if not isinstance(document, dict) or not set(document) <= {"id", "name", "payload", "correlation"}:
        raise _wrong("应为含 id、name、payload 的对象", "it must be an object with id, name and payload")
    id_, name, payload = document.get("id"), document.get("name"), document.get("payload", {})
    correlation = document.get("correlation")
    if not isinstance(id_, str) or not 0 < len(id_) <= signed_events.LONGEST_ID:
        raise _wrong("id 应为 1 至 120 个字符", "id must be a text of 1 to 120 characters")
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        raise _wrong("name 应为消息名称", "name must be the name of a message")
    if not isinstance(payload, dict):
        raise _wrong("payload 应为对象", "payload must be an object")
    if correlation is not None and (not isinstance(correlation, str) or len(correlation) > 200):
        raise _wrong("correlation 应为不超过 200 个字符的文字", "correlation must be a text of at most 200 characters")
    return Wanted(id_, name, correlation, payload)


def _wrong(zh: str, en: str) -> Invalid:
    return Invalid(why_zh=zh, why_en=en)
