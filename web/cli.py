"""The commands: `./run WORD …`, `liandong WORD …`, `python -m web.cli WORD …`. Each is a module of web/commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "up": "migrate, seed, fill with demo data the first time, and serve: pages and a worker",
    "serve": "the pages and the JSON API",
    "worker": "carry out timers and jobs, watch clocks",
    "migrate": "bring the database to the newest schema",
    "demo": "fill a new city with a month of cases; --passwords: new passwords for its people",
    "admin": "create the first administrator",
    "token": "API tokens: make, list, revoke",
    "deploy": "a new version of a process from its files",
    "processes": "what differs between the processes here and their files on disk; --write or --load them",
    "lint": "a line for each problem in BPMN and form files; exit 1 if there is an error",
    "replay": "run real requests through the process, in a world of their own",
    "fit-limits": "another city's limits, found in the due times of its requests",
    "export": "raw rows of a world as CSV",
    "export-xes": "cases of a period as an event log for process mining (XES), people as pseudonyms",
    "export-ocel": "the same object by object (OCEL 2.0)",
    "bench": "speed, on a PostgreSQL of its own",
    "backup": "everything into one file",
    "restore": "a backup into an empty database",
    "verify-audit": "whether anybody rewrote what happened: chains, signatures, the copy outside; exit 1 if so",
    "verify-dossier": "whether anybody changed the dossier of a case: its data file or its PDF; exit 1 if so",
    "doctor": "what is wrong, and the line that mends it",
    "revision": "write the next revision of the schema (for developers)",
    "help": "this list; help WORD for one command",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; answers its exit code."""
    word, *rest = arguments if arguments is not None else sys.argv[1:] or ["help"]
    if word in ("help", "-h", "--help"):
        if rest and rest[0] in COMMANDS and rest[0] != "help":
            return main([rest[0], "--help"])
        _help()
        return 0
    if word not in COMMANDS:
        print(f"There is no command {word!r}. ./run help lists them.", file=sys.stderr)
        return 2
    return _run(word, rest)


def _run(word: str, rest: list[str]) -> int:
    from web import logs

    logs.configure()
    try:
        result: int = import_module(f"web.commands.{word.replace('-', '_')}").main(rest)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has seen enough
        return 141
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        print(said, file=sys.stderr)
        return 1
    return result


def _help() -> None:
    print("Liandong 联动\n\n    ./run WORD [ARGUMENTS]\n")
    width = max(map(len, COMMANDS)) + 2
    for word, what in COMMANDS.items():
        print(f"    {word:<{width}}{what}")
    print(
        "\nDATABASE_URL names the database (default: an SQLite file under ./var); APP_DATABASE_URL one with fewer rights for\n"
        "pages and workers, IDENTITY_DATABASE_URL one that may read who reported; HOST and PORT where to serve\n"
        "(127.0.0.1:8000); LIANDONG_KEY or LIANDONG_KEY_FILE (./var/key) the city's key: what is personal is lost without it, and\n"
        "no backup holds it; LIANDONG_SECRET or LIANDONG_SECRET_FILE what signs pages' tokens; LIANDONG_AUDIT_KEY or\n"
        "LIANDONG_AUDIT_KEY_FILE what signs the records' checkpoints, LIANDONG_AUDIT_DIR where their copies lie.\n"
        "./run setup, test, check and lock are described by ./run --help."
    )


def sentence(error: Exception) -> str | None:
    """What to tell people of an error; none for a mistake of ours, which is shown whole."""
    from sqlalchemy.exc import DBAPIError

    from engine.errors import LiandongError
    from forms.errors import FormsError

    if isinstance(error, LiandongError | FormsError):
        problems = [p.line_for("en") for p in getattr(error, "problems", ()) if hasattr(p, "line_for")]
        return "\n".join([f"{error.text('zh')}\n{error.text('en')}", *problems])
    if isinstance(error, DBAPIError):
        first = str(error.orig).strip().splitlines()[0] if error.orig is not None else str(error)
        return f"The database does not do it: {first}\nWhat is wrong with it, and what mends it: ./run doctor"
    if isinstance(error, OSError):
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
