"""Attachments: list, send, fetch."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request

from engine import files
from engine.errors import Invalid
from web.api import views
from web.api.file_schemas import AttachedSchema, FileQuerySchema, FilesSchema
from web.api.house import act, actor, blueprint
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]

_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
                        "task": {"type": "string", "description": "Reference of the task they belong to."},
                    },
                    "required": ["file"],
                }
            }
        },
    }
}


@blueprint.get("/instances/<id:instance>/files")
@policy(SIGNED_IN)
@blueprint.response(200, FilesSchema)
def list_files(instance: int) -> Row:
    """The attachments of an instance, oldest first."""
    return {"items": [views.file(r) for r in files.listing(city().core, instance, actor().id)]}


@blueprint.post("/instances/<id:instance>/files")
@policy(SIGNED_IN)
@act
@blueprint.doc(**_MULTIPART)
@blueprint.response(201, AttachedSchema)
def attach(key: str | None, instance: int) -> Row:
    """Attach files. What a file is, its content decides; pictures are drawn anew, without what the camera wrote into them."""
    uploads = [f for f in request.files.getlist("file") if f.filename]
    if not uploads:
        raise Invalid(
            why_zh="请用 multipart/form-data 的 file 字段发送文件", why_en="send files as `file` of multipart/form-data"
        )
    files.listing(city().core, instance, actor().id)  # who may not see the case, costs us no drawing
    accepted = [city().accept(f.filename or "", f.stream.read()) for f in uploads]
    reply = city().attach(instance, accepted, actor().id, _task(instance), key)
    return {"instance": str(reply["instance"]), "files": reply["files"]}


@blueprint.get("/instances/<id:instance>/files/<name:file>")
@policy(SIGNED_IN)
@blueprint.arguments(FileQuerySchema, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def fetch(given: Row, instance: int, file: str) -> Response:
    """A file, to be saved: browsers are told not to open it. `thumbnail=true` gives the small picture of a picture."""
    found = files.fetch(city().core, instance, file, actor().id, thumbnail=given["thumbnail"])
    response = Response(found.content, content_type=found.type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.set_etag(found.hash.replace(":", "-"))
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _task(instance: int) -> str | None:
    named = request.form.get("task")
    if not named:
        return None
    if named.partition(".")[0] != str(instance):
        raise Invalid(why_zh="任务不属于此案件", why_en="the task is not one of this instance")
    return named
