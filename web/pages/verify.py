"""Whether a certificate is genuine and holds, for anybody. Its number alone tells its state; with the code of its QR also what it says."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, request

from engine import certificates
from engine.public import limits
from engine.queries import certificates as reading
from web.auth import city
from web.pages.public import address, never_kept
from web.pages.public import shown as public_page
from web.policies import PUBLIC, policy
from web.telling_permits import bounds, kind_word, kind_words, standing, state_word, tone
from web.texts import locale

page = Blueprint("verify", __name__)
page.after_request(never_kept)

UNKNOWN = "unknown"


@page.get("/verify")
@policy(PUBLIC)
def enter() -> Any:
    """Where one types the number. A form without a script leads here with what was typed."""
    number = request.args.get("number", "").strip()
    return shown(number) if number else public_page("verify.html", number="", told=None, refused=None)


@page.get("/verify/<number>")
@policy(PUBLIC)
def shown(number: str) -> Any:
    """What becomes of this number. A wrong number or code counts against the address that asked."""
    core = city().core
    number, code = number.strip()[:80], request.args.get("code", "")[:100]
    try:
        limits.check_code(core, address())
    except limits.TooOften as error:
        page_ = public_page("verify.html", number=number, told=None, refused=error.text(locale()))
        return make_response(page_, error.status)
    rows = reading.by_number(core, number)
    opened = next((row for row in rows if code and certificates.opens(row, code)), None)
    row = opened or next(iter(rows), None)
    wrong = bool(code) and opened is None
    if row is None or wrong:
        limits.note_wrong_code(core, address())
    told = _told(row, opened=opened is not None, wrong=wrong and row is not None) if row is not None else _unknown()
    return make_response(
        public_page("verify.html", number=number, told=told, refused=None), 404 if row is None else 200
    )


# ---------------------------------------------------------------- inside


def _unknown() -> dict[str, Any]:
    return {"state": UNKNOWN, "word": state_word(UNKNOWN), "tone": "bad", "opened": False, "wrong": False}


def _told(row: dict[str, Any], *, opened: bool, wrong: bool) -> dict[str, Any]:
    state = standing(row)
    told: dict[str, Any] = {
        "state": state,
        "word": state_word(state),
        "tone": tone(state),
        "opened": opened,
        "wrong": wrong,
        "kind": kind_word(row["kind"]),
    }
    if opened:
        english = locale() == "en"
        told |= {
            "holder": row["data"]["holder"],
            "lines": [
                (one["en"], one.get("value_en") or one["value"]) if english else (one["zh"], one["value"])
                for one in row["data"]["lines"]
            ],
            "bounds": bounds(row),
            "article": kind_words(row["kind"]).get(f"article_{'en' if english else 'zh'}", ""),
            "issued": row["issued_at"],
            "hash": row["hash"].partition(":")[2],
            "why": row["why"],
        }
    return told
