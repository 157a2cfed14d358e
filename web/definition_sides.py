"""The two sides of a comparison as an address names them: a version (`3`), a draft (`draft-5`), a proposal (`proposal-7`); 0 is nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from flask import g, url_for

from engine import definitions, drafts, publishing
from engine.bpmn.lint import lint
from engine.bpmn.problems import Problem
from engine.bpmn.reading import read
from engine.errors import NotFound
from engine.publishing import proposals
from engine.queries import deployed
from web.auth import city
from web.texts import t

_SIDE = re.compile(r"^(?:(draft|proposal)-)?(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Side:
    """Files with what they are called, and the address of their diagram."""

    ref: str
    label: str
    files: Mapping[str, bytes]
    xml: str


def side(key: str, ref: str) -> Side:
    """What an address names. NotFound: there is none, it is of another process, or a draft that only designers see."""
    found = _SIDE.match(ref)
    if found is None:
        raise NotFound(what="version of the process")
    number = int(found[2])
    if found[1] and "design" not in g.actor.powers:
        raise NotFound(what="draft")
    if found[1] == "draft":
        return of_draft(drafts.get(city().core, number), key)
    if found[1] == "proposal":
        return of_proposal(publishing.get(city().core, number), key)
    return of_version(key, number)


def of_version(key: str, number: int) -> Side:
    """A version; 0 has no files."""
    if number == 0:
        return Side("0", t("无", "nothing"), {}, "")
    files = definitions.files_of(city().core, deployed.version(city().core, key, number)["id"])
    xml = url_for("definitions.file", key=key, number=number, name=diagram(files), plain=1)
    return Side(str(number), t(f"第 {number} 版", f"version {number}"), files, xml)


def of_draft(draft: drafts.Draft, key: str | None = None) -> Side:
    """A draft."""
    if key not in (None, draft.key):
        raise NotFound(what="draft")
    files = drafts.files_of(city().core, draft.id)
    xml = url_for("designer.draft_file", draft_id=draft.id, name=diagram(files), plain=1)
    return Side(f"draft-{draft.id}", t(f"草稿 {draft.id}", f"draft {draft.id}"), files, xml)


def of_proposal(proposal: publishing.Proposal, key: str | None = None) -> Side:
    """A proposal."""
    if key not in (None, proposal.key):
        raise NotFound(what="proposal")
    files = publishing.files_of(city().core, proposal.id)
    xml = url_for("designer_publish.proposal_file", proposal_id=proposal.id, name=diagram(files), plain=1)
    return Side(f"proposal-{proposal.id}", t(f"申请 {proposal.id}", f"proposal {proposal.id}"), files, xml)


def diagram(files: Mapping[str, bytes]) -> str:
    """The name of the diagram among the files; "" where there is none."""
    return next((name for name in sorted(files) if name.endswith(".bpmn")), "")


def problems_of(key: str, bundle: Mapping[str, bytes]) -> list[Problem]:
    """Everything wrong with files that are to be a version of this process."""
    core = city().core
    files = dict(bundle)
    found = lint(
        files,
        registers=deployed.registers(core),
        processes=deployed.keys(core),
        units=deployed.named_units(core),
        posts=deployed.named_posts(core),
    )
    name = diagram(files)
    forms = [PurePath(n).stem for n in files if n.endswith(".json")]
    processes = read(name, files[name], forms=forms).processes if name else ()
    if processes and all(one.id != key for one in processes):
        process = processes[0]
        zh = f"流程标识改成了“{process.id}”：新版本必须仍是“{key}”；要建新流程请用上传。"
        en = f"the process id became “{process.id}”: a new version must keep “{key}”; upload the file to make another process."
        found.append(Problem(name, 0, process.id, "other-process", zh, en))
    return found


def newest(key: str) -> int:
    """The number of the newest version; 0 where there is none."""
    with city().core.db.read() as connection:
        return proposals.newest_version(connection, key)
