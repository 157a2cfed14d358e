"""The public register of permits, and the map of what was granted on roads. It reads what a certificate makes public and nothing else."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, request, url_for

from engine import certificates, sheets
from engine.queries import certificates as reading
from engine.queries.certificates import STATES, Wanted
from web.auth import city
from web.digs import picture
from web.pages.public import never_kept, shown
from web.policies import PUBLIC, policy
from web.telling import now, stamp
from web.telling_permits import bounds, kind_word, public_lines, standing, state_word, tone
from web.texts import locale, t

page = Blueprint("permits", __name__)
page.after_request(never_kept)

MOST_PAGES = 500


@page.get("/permits")
@policy(PUBLIC)
def register() -> str:
    """A page of it."""
    core, wanted = city().core, _wanted()
    rows, count = reading.register(core, wanted, now())
    english = locale() == "en"
    kinds = [(key, str(said.get("en" if english else "zh") or key)) for key, said in certificates.kinds(core).items()]
    asked: dict[str, Any] = {"q": wanted.words, "kind": wanted.kind, "state": wanted.state}
    return shown(
        "permits.html",
        wanted=wanted,
        rows=rows,
        count=count,
        more=wanted.page * reading.SIZE < count,
        kinds=kinds,
        states=STATES,
        csv=url_for("permits.export", **{k: v for k, v in asked.items() if v}),
        kind_word=kind_word,
        standing=standing,
        state_word=state_word,
        tone=tone,
        bounds=bounds,
        public_lines=public_lines,
    )


@page.get("/permits.csv")
@policy(PUBLIC)
def export() -> Response:
    """All of it under the same filter, as CSV (UTF-8 with a mark, as Excel wants it). What looks like a formula is text."""
    rows = reading.everything(city().core, _wanted(), now())
    told = [dict(public_lines(row)) for row in rows]
    more = list(dict.fromkeys(label for one in told for label in one))
    out = io.StringIO()
    sheet = csv.writer(out)
    head = [t("编号", "Number"), t("种类", "Kind"), t("状态", "State"), t("有效期限", "Valid"), t("发证时间", "Issued")]
    sheet.writerow([*head, *more])
    for row, one in zip(rows, told, strict=True):
        known = [row["number"], kind_word(row["kind"]), state_word(standing(row)), bounds(row), stamp(row["issued_at"])]
        sheet.writerow([_text(value) for value in (*known, *(one.get(label, "") for label in more))])
    headers = {"Content-Disposition": 'attachment; filename="permits.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv; charset=utf-8", headers=headers)


@page.get("/permits/map")
@policy(PUBLIC)
def digs() -> str:
    """What was granted on roads, where and when."""
    return shown("permits_digs.html", shown=picture(request.args, None), here=url_for("permits.digs"), public=True)


# ---------------------------------------------------------------- inside


def _wanted() -> Wanted:
    asked: dict[str, Any] = request.args.to_dict()
    number = asked.get("page", "1")
    return Wanted(
        words=asked.get("q", "").replace("\x00", "").strip()[:100],
        kind=asked.get("kind", "").replace("\x00", "")[:40],
        state=asked.get("state", "") if asked.get("state") in STATES else "",
        page=min(MOST_PAGES, max(1, int(number))) if number.isdecimal() and number.isascii() and len(number) < 6 else 1,
    )


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(sheets.FORMULA) else value
