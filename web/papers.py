"""Files that are handed out: a certificate as PDF, and whatever is downloaded. Never run, never kept in a cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, url_for

from engine import certificates
from escalation.papers import certificate as paper
from web import fonts
from web.auth import city
from web.telling import city_name
from web.telling_permits import kind_words
from web.texts import locale


def certificate(row: Mapping[str, Any]) -> Response:
    """A certificate as it is printed, its QR code leading to its verification. Who may have it is the caller's to know."""
    address = url_for("verify.shown", number=row["number"], code=certificates.code_of(row), _external=True)
    content = paper.render(
        row, kind_words(row["kind"]), address, fonts.folders(), city().world(), city_name(), locale()
    )
    return sent_file(content, f"{row['number']}.pdf", "application/pdf")


def sent_file(content: bytes, name: str, kind: str) -> Response:
    """A file to be kept by whoever asked for it."""
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
