"""Files of cases, for those who see the case."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, g, request

from engine import files
from web.auth import city
from web.policies import SIGNED_IN, policy

page = Blueprint("files", __name__)

SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""Pictures that we drew ourselves are shown; everything else is handed over as a download."""


@page.get("/files/<int:instance_id>/<file_id>")
@policy(SIGNED_IN)
def file(instance_id: int, file_id: str) -> Response:
    """A file, or with `small` its small picture."""
    fetched = files.fetch(city().core, instance_id, file_id, g.actor.id, thumbnail="small" in request.args)
    where = "inline" if fetched.type in SHOWN else "attachment"
    response = Response(fetched.content, mimetype=fetched.type)
    response.headers["Content-Disposition"] = f"{where}; filename*=UTF-8''{quote(fetched.name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # A file never changes under its name; but whether one may see it does: the browser keeps it for itself, and asks.
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(fetched.hash)
    response.make_conditional(request.environ)
    return response
