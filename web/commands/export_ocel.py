"""An event log as OCEL 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.commands import event_log

if TYPE_CHECKING:
    from web.commands.event_log import Write

DESCRIPTION = (
    "Write cases of a period with all that happened to them as OCEL 2.0 (JSON), for tools of process mining. People are pseudonyms, "
    "confidential cases are left out. FILE.gz is compressed."
)


def main(arguments: list[str]) -> int:
    """Run the command."""
    return event_log.run("export-ocel", DESCRIPTION, arguments, _write)


def _write() -> Write:
    from web.mining.ocel import write

    return write
