"""The pages. Each module holds one `page` blueprint; a new page is a line here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

MODULES = (
    "session",
    "sso",
    "first",
    "account",
    "accounts",
    "security",
    "home",
    "inbox",
    "batches",
    "notices",
    "contacts",
    "copies",
    "stamp",
    "mine",
    "live",
    "tasks",
    "acts",
    "report",
    "street",
    "desk",
    "public",
    "public_follow",
    "public_office",
    "apply",
    "application",
    "verify",
    "permits",
    "digs",
    "places",
    "cases",
    "certificates",
    "dossiers",
    "clocks",
    "supervision",
    "emergency",
    "drills",
    "sources",
    "reporter",
    "alarms",
    "files",
    "case_list",
    "dispatch",
    "inspection",
    "discipline",
    "dispatching",
    "figures",
    "assessment",
    "assessment_cases",
    "assessment_ledger",
    "assessment_shown",
    "definitions",
    "picture",
    "mining",
    "definitions_compare",
    "definitions_import",
    "designer",
    "designer_publish",
    "form_editor",
    "form_editor_fields",
    "form_editor_try",
    "operations",
    "deliveries",
    "operating",
    "audit",
    "why",
    "rights",
    "organisation",
    "organisation_book",
    "organisation_changes",
    "registers",
    "form_papers",
    "register_sheets",
    "calendars",
    "calendar_changes",
    "duty",
    "substitutes",
)


def register(app: Flask) -> None:
    """Put every page into the application."""
    for name in MODULES:
        if find_spec(f"web.pages.{name}") is not None:
            app.register_blueprint(import_module(f"web.pages.{name}").page)
