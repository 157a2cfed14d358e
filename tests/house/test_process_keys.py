"""No process is named in Python: what may be applied for, extended, counted … is content (processes/tables/settings.csv), so that a city
changes it without a programmer. The demonstration and the replay tell stories of named processes; what else names one stands below, with
why."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "escalation", "forms", "web")
STORIES = ("web/demo/", "web/replay/")
"""They tell of processes by their names."""

OTHER_WORDS = {
    "assignment": {"engine/bpmn"},  # an attribute of the ld: namespace, an element of BPMN
    "extension": {"engine/bpmn"},  # an element of BPMN
    "enforcement": {"engine/organisation/book_parts.py", "web/pages/organisation.py"},  # a kind of unit
    "document": {  # a field: the paper that a request rests on; a file of the dossier; a column
        "engine/migrations/versions/r0005_working_time_and_supervision.py",
        "escalation/agreeing.py",
        "escalation/granting.py",
        "escalation/ledger.py",
        "escalation/requests.py",
        "escalation/dossier",
        "escalation/tables/clocks.py",
        "web/telling_clocks.py",
    },
    "supervision": {  # a page, an alias of a table, a part of the dossier
        "escalation/board_index.py",
        "escalation/dossier",
        "escalation/stalling.py",
        "web/pages",
    },
}
"""Words that are also the key of a process, where they mean something else."""

BOUND = {
    # acts of the engine with rules of their own in code, each done by one process: what asks for more time, what refers to inspectors
    "extension": {"escalation/requests.py", "web/api/clock_requests.py", "web/telling_events.py"},
    "shelving": {"escalation/requests.py", "web/telling_events.py"},
    "clock_suspension": {"escalation/requests.py", "web/telling_events.py"},
    "clue": {"escalation/referrals.py"},
    "clue_referral": {"escalation/referrals.py"},
    "government_inspection": {"escalation/inspections.py"},
    "case_dispatch": {
        "engine/public/terms.py",  # the default of setting `public_process`
        "escalation/stalling.py",  # the default of setting `stalled_processes`
        "web/pages/street.py",  # the default of setting `street_process`
        "escalation/indicators.py",  # figures of city cases are counted at the elements of that diagram (issue 5)
        "escalation/telling_clocks.py",  # late matters in the reports of the same cases (issue 5)
        "web/api/instances.py",  # an example in the documentation of the API
        "web/pages/report.py",  # the button "report" starts it (issue 2)
    },
}
"""Processes that code is bound to, from issues before; no new one belongs here."""


def test_no_process_is_named_in_python() -> None:
    found = set(named())
    assert not [f"{file}:{line}: {word}" for file, line, word in sorted(found) if not allowed(file, word)]
    listed = {(word, place) for book in (OTHER_WORDS, BOUND) for word, places in book.items() for place in places}
    assert not [(w, p) for w, p in listed if not any(word == w and file.startswith(p) for file, _, word in found)]


def test_the_rule_bites() -> None:
    keys = process_keys()
    assert {"excavation_permit", "case_dispatch", "plan_snow"} <= keys
    assert list(literals('BUSY = {"x": ["excavation_permit"]}  # plan_snow', keys)) == [(1, "excavation_permit")]
    assert not allowed("escalation/requests.py", "excavation_permit")
    assert not allowed("engine/bpmn/supported.py", "case_dispatch")


def named() -> Iterator[tuple[str, int, str]]:
    """File, line and process of each string that is the key of a process."""
    keys = process_keys()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            if "node_modules" in path.parts or file.startswith(STORIES):
                continue
            yield from ((file, line, word) for line, word in literals(path.read_text(), keys))


def process_keys() -> set[str]:
    """Folders that hold a diagram."""
    return {path.parent.name for path in (ROOT / "processes").glob("*/*.bpmn")}


def literals(source: str, keys: set[str]) -> Iterator[tuple[int, str]]:
    """The strings of a source that are one of these keys, each with its line."""
    if not any(key in source for key in keys):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in keys:
            yield node.lineno, node.value


def allowed(file: str, word: str) -> bool:
    return any(file.startswith(place) for book in (OTHER_WORDS, BOUND) for place in book.get(word, ()))
