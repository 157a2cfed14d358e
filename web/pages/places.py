"""The areas of the city for the map on which a place is chosen."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from engine.queries import places as reading
from web.auth import city
from web.policies import PUBLIC, policy
from web.texts import locale

page = Blueprint("places", __name__)


@page.get("/places.json")
@policy(PUBLIC)
def places() -> Response:
    """Name, kind and centre of each area."""
    return jsonify(
        [
            {
                "key": p.key,
                "name": p.names.text(locale()),
                "kind": p.kind,
                "parent": p.parent,
                "lat": p.lat,
                "lon": p.lon,
            }
            for p in reading.places(city().core)
        ]
    )
