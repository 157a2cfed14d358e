"""Whether anybody rewrote what happened."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.audit.findings import Finding, Report

DESCRIPTION = """Verify all records of the database of DATABASE_URL: every link of every chain, every checkpoint's signature, the copy of
the checkpoints outside the database, and rows that must agree with them. Nothing is written. Exit code 0: nothing was found; 1: somebody
tampered with the records, or what is needed to exclude it is missing; 2: it could not be verified at all."""

MOST_SHOWN = 50
NOT_VERIFIED = 2


def main(arguments: list[str]) -> int:
    """Run the command."""
    from sqlalchemy.exc import DBAPIError

    from engine.errors import LiandongError
    from web.cli import sentence

    try:
        return _verify(arguments)
    except (LiandongError, DBAPIError, OSError) as error:
        print(sentence(error), file=sys.stderr)
        return NOT_VERIFIED


def _verify(arguments: list[str]) -> int:
    from engine.audit import results, signing
    from engine.audit.copies import Copy, copy_for
    from engine.audit.verifying import verify
    from escalation import agreeing
    from web import settings
    from web.wiring import open_city

    parser = argparse.ArgumentParser(prog="liandong verify-audit", description=DESCRIPTION)
    parser.add_argument(
        "--copy", type=Path, help="the folder of the copy (default: this database's under LIANDONG_AUDIT_DIR)"
    )
    parser.add_argument(
        "--key", type=Path, action="append", help="a public key file; only signatures of these keys count"
    )
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--json", type=Path, help="write the outcome into a file too")
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="a backup was restored: say, signed, that what only the copy knows is gone for this reason; then verify",
    )
    given = parser.parse_args(arguments)
    with closing(open_city(settings.from_environment().app_database_url)) as city:
        copy = Copy(given.copy) if given.copy else copy_for(city.core.db.url)
        if given.accept:
            results.accept(city.core, given.accept, copy)
        keys = {signing.key_id(key): key for key in map(signing.read_public, given.key)} if given.key else None
        report = verify(city.core, (agreeing.clocks,), copy=copy, keys=keys)
    if given.json:
        part = given.json.with_name(f".{given.json.name}.{os.getpid()}")
        part.write_text(json.dumps(report.summary(), ensure_ascii=False, indent=1) + "\n")
        part.rename(given.json)
    _tell(report, given.language)
    return 0 if report.good else 1


def _tell(report: Report, language: str) -> None:
    zh = language == "zh"
    for title, found in (
        ("发现" if zh else "FOUND", report.findings),
        ("请核实" if zh else "look at", report.warnings),
        ("说明" if zh else "note", report.notes),
    ):
        for each in found[:MOST_SHOWN]:
            print(f"{title:<8}{_words(each, zh=zh)}")
        if len(found) > MOST_SHOWN:
            print(f"{title:<8}… {len(found) - MOST_SHOWN}")
    sealed = report.sealed_at.isoformat(timespec="seconds") if report.sealed_at else "—"
    count = sum(report.kinds.values())
    if zh:
        print(
            f"{report.rows} 行、{report.chains} 条链、{report.checkpoints} 个检查点（最近 {sealed}），未封存 {report.unsealed} 行"
        )
        print("记录完整，未发现改动" if report.good else f"发现 {count} 处改动或缺失")
    else:
        print(
            f"{report.rows} rows in {report.chains} chains, {report.checkpoints} checkpoints (the newest {sealed}),"
            f" {report.unsealed} rows not sealed yet"
        )
        print("The records are whole." if report.good else f"The records are NOT whole: {count} finding(s).")


def _words(one: Finding, *, zh: bool) -> str:
    return one.zh if zh else one.en
