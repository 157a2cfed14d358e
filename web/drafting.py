"""What a page that changes a draft sends, and what it is answered: the same for diagrams and for whatever else is in the bundle."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from engine import definitions, drafts
from engine.bpmn.limits import MAX_BYTES
from engine.drafts import keeping, presence
from engine.drafts import tables as tables_of
from engine.drafts.deciding import described
from engine.drafts.keeping import LARGEST_ID, Draft
from engine.errors import Invalid, NotFound
from engine.queries import deployed
from web.auth import city
from web.declaring import declared
from web.definition_sides import diagram, newest
from web.telling import names, stamp
from web.texts import t


def sent_json() -> dict[str, Any]:
    """The JSON object that was sent. Invalid: there is none."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(why_zh="没有收到内容。", why_en="Nothing was received.")
    return sent


def number(sent: dict[str, Any], name: str) -> int:
    """A number that was sent; 0 for none."""
    value = sent.get(name)
    return min(value, LARGEST_ID) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def tab_of(sent: dict[str, Any]) -> str:
    """The name that a page gave itself; "" for none."""
    tab = sent.get("tab")
    return tab if isinstance(tab, str) and tab.isascii() and tab.isalnum() and len(tab) <= 40 else ""


def files_of(key: str, sent: dict[str, Any]) -> dict[str, bytes]:
    """The files that were worked on: of the draft, else of the version."""
    core = city().core
    if number(sent, "draft"):
        found = drafts.get(core, number(sent, "draft"))
        if found.key != key:
            raise NotFound(what="draft")
        return drafts.files_of(core, found.id)
    return definitions.files_of(core, deployed.version(core, key, number(sent, "base"))["id"])


def changed(key: str, sent: dict[str, Any]) -> dict[str, bytes]:
    """The file as it was sent (`xml`), under its name (`file`; the diagram where none is named), and the facts where it declares some."""
    if not isinstance(sent.get("xml"), str):
        raise Invalid(why_zh="没有收到流程图。", why_en="No diagram was received.")
    xml: bytes = sent["xml"].encode("utf-8", "replace")
    if len(xml) > MAX_BYTES:
        raise Invalid(why_zh="文件超过 2 MB。", why_en="The file is larger than 2 MB.")
    files = files_of(key, sent)
    name = file_of(sent) or diagram(files)
    if name not in files:
        raise NotFound(what="file")
    return {name: xml, **declared(sent, files)}


def file_of(sent: dict[str, Any]) -> str:
    """The file that a page works on; "" for the diagram."""
    name = sent.get("file")
    return name if isinstance(name, str) else ""


def addresses(found: Draft, file: str = "") -> dict[str, str]:
    """Where a page that works on this file of a draft sends what, and where it leads."""
    return {
        "save": url_for("designer.save", draft_id=found.id),
        "propose": url_for("designer_publish.ask", draft_id=found.id),
        "formsPage": url_for("form_editor.listing", draft_id=found.id),
        "url": url(found, file),
        "diagram": url(found),
        "tables": url_for("designer_tables.of_draft", draft_id=found.id),
        "discard": url_for("designer.ask_discard", draft_id=found.id),
        "against": url_for("definitions_compare.compare", key=found.key)
        + f"?from={newest(found.key)}&to=draft-{found.id}",
        "title": t(f"草稿 {found.id}", f"draft {found.id}"),
    }


def unsaved(key: str, base: int) -> dict[str, str]:
    """The same of a version on which nothing was changed yet."""
    tables = url_for("designer_tables.of_version", key=key, version=base)
    return {
        "against": "#",
        "discard": "#",
        "diagram": url_for("designer.edit", key=key, version=base),
        "tables": tables,
    }


def decisions(files: dict[str, bytes]) -> list[dict[str, str]]:
    """The decisions of a bundle that a step may ask, for a list to choose from."""
    found = [one for name in tables_of.names(files) for one in described(name, files[name])]
    return [{"value": one.id, "label": f"{t(one.name_zh, one.name_en)} ({one.id})"} for one in found]


def answer(found: Draft, file: str = "") -> dict[str, Any]:
    """What is said of a draft that was saved."""
    said = t(f"草稿已保存 {stamp(found.saved_at)[-5:]}", f"Draft saved {stamp(found.saved_at)[-5:]}")
    return {"draft": found.id, "revision": found.revision, "said": said, **addresses(found, file)}


def url(found: Draft, file: str = "") -> str:
    """The page that works on this file of a draft."""
    if file.endswith(".dmn"):
        return url_for("designer_tables.table_of_draft", draft_id=found.id, name=file)
    return url_for("designer.draft", draft_id=found.id)


def saved_by(found: Draft) -> str:
    """Who saved it last, and when."""
    who = names().person(found.saved_by)
    at = stamp(found.saved_at)
    return t(f"{who}于 {at} 保存了此草稿", f"{who} saved this draft on {at}")


def beside(other: Draft) -> str:
    """Why what was sent became a draft of its own."""
    names().learn({other.saved_by})
    if other.state != keeping.OPEN:
        return t(
            "原草稿已经关闭，您画的已另存为一份草稿。",
            "The draft was closed meanwhile; what you drew is kept as another draft.",
        )
    return t(
        f"{saved_by(other)}，与您的修改不同。您画的已另存为一份草稿，两份都在。",
        f"{saved_by(other)}, otherwise than you. What you drew is kept as another draft; both are there.",
    )


def told_of(one: presence.Present, draft_id: int | None) -> str:
    """Another page that works on the same process."""
    who = (
        names().person(one.person_id) if one.person_id != g.actor.id else t("您自己（另一页）", "You, on another page")
    )
    if one.draft_id == draft_id and draft_id is not None:
        return t(f"{who}也打开了此草稿", f"{who} has this draft open too")
    if one.draft_id is not None:
        return t(f"{who}在画此流程的草稿 {one.draft_id}", f"{who} works on draft {one.draft_id} of this process")
    return t(f"{who}也打开了此流程的编辑页", f"{who} has this process open in the editor too")
