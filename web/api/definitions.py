"""Processes: list, look, deploy."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from engine import definitions, deployment, publishing
from engine.errors import NotFound
from engine.queries import instances as queries
from web.api import views
from web.api.bodies import read_json
from web.api.definition_schemas import DefinitionDetailSchema, DefinitionsSchema, DeploySchema
from web.api.house import actor, blueprint
from web.auth import city
from web.policies import SIGNED_IN, policy

_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": DeploySchema,
                "example": {"files": {"order.bpmn": "<?xml version='1.0'?>…"}, "note": "first version"},
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "note": {"type": "string", "maxLength": 500},
                    },
                    "required": ["files"],
                }
            },
        },
    }
}


@blueprint.get("/definitions")
@policy(SIGNED_IN)
@blueprint.response(200, DefinitionsSchema)
def list_definitions() -> dict[str, Any]:
    """Every process in its newest version."""
    return {"items": [views.definition(r) for r in queries.versions(city().core)]}


@blueprint.post("/definitions")
@policy("design")
@blueprint.doc(**_MULTIPART)
@blueprint.response(201, DefinitionsSchema)
def deploy() -> dict[str, Any]:
    """Deploy a bundle: BPMN files, their forms (JSON) and the facts schema. A bundle that is the newest version already makes no new
    one. Refused files are told with file, line, element and reason (422). Needs the power `design`; refused where a second person
    approves each version (the setting `publish_second_person`): then a draft is proposed at /definitions.
    """
    if request.mimetype == "multipart/form-data":
        files = {(f.filename or "").rpartition("/")[2]: f.stream.read() for f in request.files.getlist("files")}
        given: dict[str, Any] = {"note": request.form.get("note", "")}
        given = DeploySchema().load({"files": dict.fromkeys(files, ""), **given})
    else:
        given = DeploySchema().load(read_json(request))
        files = {name: text.encode() for name, text in given["files"].items()}
    deployment.prepared(files)  # what is wrong with the files is told first
    publishing.check_alone(city().core)
    deployed = city().deploy(files, by=actor().id, note=given["note"])
    found = {r["id"]: r for d in deployed for r in queries.versions(city().core, d.key)}
    return {"items": [views.definition(found[d.id]) for d in deployed]}


@blueprint.get("/definitions/<name:key>")
@policy(SIGNED_IN)
@blueprint.response(200, DefinitionsSchema)
def list_versions(key: str) -> dict[str, Any]:
    """Every version of a process, newest first."""
    rows = queries.versions(city().core, key)
    if not rows:
        raise NotFound(what=f"process {key}")
    return {"items": [views.definition(r) for r in rows]}


@blueprint.get("/definitions/<name:key>/<no:version>")
@policy(SIGNED_IN)
@blueprint.response(200, DefinitionDetailSchema)
def show_version(key: str, version: int) -> dict[str, Any]:
    """A version of a process with the form that starts it."""
    row = _row(key, version)
    core = city().core
    definition = definitions.get(core, row["id"])
    return {
        **views.definition(row),
        "files": sorted(definitions.files_of(core, row["id"])),
        "start_form": views.form_schema(core, definition, definition.model.form),
    }


@blueprint.get("/definitions/<name:key>/<no:version>/files/<name:file>")
@policy(SIGNED_IN)
@blueprint.response(200, {"type": "string"}, content_type="application/xml")
@blueprint.alt_response(200, schema={"type": "object"}, content_type="application/json", success=True)
def show_file(key: str, version: int, file: str) -> Response:
    """A file of a version, as it was deployed."""
    content = definitions.files_of(city().core, _row(key, version)["id"]).get(file)
    if content is None:
        raise NotFound(what="file")
    return Response(content, content_type="application/json" if file.endswith(".json") else "application/xml")


def _row(key: str, version: int) -> dict[str, Any]:
    for row in queries.versions(city().core, key):
        if row["version"] == version:
            return row
    raise NotFound(what=f"process {key}")
