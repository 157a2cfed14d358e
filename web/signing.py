"""The signature that comes with a form: drawn on the page, a picture of one, or the stamp that its person keeps."""

from __future__ import annotations

import base64
import binascii

from flask import request

from engine.acts import signature
from engine.acts.signature import Signature
from engine.core import Core
from engine.people import Actor

PNG = "data:image/png;base64"
"""How a browser's canvas begins."""


def read(core: Core, actor: Actor) -> Signature | None:
    """The signature of this request; none where none was given. Invalid: it is blank, no picture, or there is no stamp."""
    how = request.form.get("_signed")
    if how == "":  # chosen: no signature
        return None
    if how == "stamp":
        return signature.stamped(core, actor)
    content = drawn_or_chosen()
    return signature.drawn(core, content) if content else None


def drawn_or_chosen() -> bytes:
    """The picture that was chosen, else what was drawn; nothing when there is neither."""
    upload = request.files.get("_signature")
    if upload is not None and upload.filename:
        return bytes(upload.read())
    head, _, body = request.form.get("_drawn", "").partition(",")
    if head != PNG:
        return b""
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
