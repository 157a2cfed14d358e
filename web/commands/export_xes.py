"""An event log as XES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.commands import event_log

if TYPE_CHECKING:
    from web.commands.event_log import Write

DESCRIPTION = (
    "Write cases of a period with all that happened to them as XES (IEEE 1849-2016), for tools of process mining. People are pseudonyms, "
    "confidential cases are left out. FILE.gz is compressed."
)


def main(arguments: list[str]) -> int:
    """Run the command."""
    return event_log.run("export-xes", DESCRIPTION, arguments, _write)


def _write() -> Write:
    from web.mining.xes import write

    return write
