"""Whether anybody changed a dossier."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from escalation.dossier import Verdict

DESCRIPTION = """Verify a dossier: its data file (.json), or the PDF that holds it. Every section against its hash, every row of the
histories against its chain, the signature against the public keys; of a PDF its pages too, which are printed again and compared. No
database is needed. Exit code 0: as it was made; 1: something was changed, or signed by nobody who is trusted; 2: it cannot be read."""

MOST_SHOWN = 50
NOT_VERIFIED = 2
PDF = b"%PDF-"


def main(arguments: list[str]) -> int:
    """Run the command."""
    from engine.errors import LiandongError
    from web.cli import sentence

    try:
        return _verify(arguments)
    except (LiandongError, OSError) as error:
        print(sentence(error), file=sys.stderr)
        return NOT_VERIFIED


def _verify(arguments: list[str]) -> int:
    from escalation.dossier import paper, verify

    parser = argparse.ArgumentParser(prog="liandong verify-dossier", description=DESCRIPTION)
    parser.add_argument("file", type=Path, help="the data file (.json), or the PDF")
    parser.add_argument(
        "--key", type=Path, action="append", help="a public key file; only signatures of these keys count"
    )
    parser.add_argument(
        "--database",
        action="store_true",
        help="make the dossier again from the database of DATABASE_URL, up to the same event, and compare",
    )
    parser.add_argument("--language", choices=("en", "zh"), default="zh")
    given = parser.parse_args(arguments)
    content = given.file.read_bytes()
    pdf = content if content.startswith(PDF) else None
    if pdf is not None:
        found = paper.attached(pdf)
        if found is None:
            say = (
                "PDF 中没有可读的卷宗数据文件：被删除或改动",
                "there is no readable data file in this PDF: it was taken away or changed",
            )
            print(_line("发现", "FOUND", say, given.language))
            return 1
        content = found
    verdict = verify(content, _keys(given.key))
    if pdf is not None and verdict.good:
        _compare_pages(verdict, content, pdf)
    if given.database and verdict.good:
        _compare_database(verdict, content)
    _tell(verdict, given.language)
    return 0 if verdict.good else 1


def _keys(files: list[Path] | None) -> dict[str, Ed25519PublicKey]:
    """Those named; else those beside the copies of the checkpoints, of every database, and this machine's own."""
    from engine.audit import copies, signing

    if files:
        return {signing.key_id(key): key for key in map(signing.read_public, files)}
    found: dict[str, Ed25519PublicKey] = {}
    folder = copies.folder()
    for each in [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]:
        found |= signing.trusted(each)
    return found


def _compare_pages(verdict: Verdict, content: bytes, pdf: bytes) -> None:
    """The pages say nothing that the data file does not: printed again, they are the same."""
    from escalation.dossier import paper
    from escalation.dossier.sealing import Dossier
    from web import fonts

    head = verdict.head
    made = Dossier(int(head["case"]), str(head["number"]), str(head["event"]), verdict.hash, content)
    if not any(paper.render(content, made.name, fonts.folders(), language) == pdf for language in ("zh", "en")):
        verdict.found(
            "pages_differ",
            "PDF 所附数据文件完好，但页面与由它重新印出的不同：页面被改动，或由其他版本的程序、字体印制",
            "the data file in the PDF is as it was made, but its pages are not what is printed from it here: they were changed, or"
            " printed by another version of the program or with other fonts",
        )


def _compare_database(verdict: Verdict, content: bytes) -> None:
    from escalation import dossier
    from web import settings
    from web.wiring import open_city

    with closing(open_city(settings.from_environment().app_database_url)) as city:
        again = dossier.make(city.core, int(verdict.head["case"]), str(verdict.head["event"]))
    if again.hash == verdict.hash:
        return
    there = {each["name"]: each["content"] for each in again.document["sections"]}
    held = {each["name"]: each["content"] for each in dossier.read(content)["sections"]}
    for name in sorted(there.keys() | held.keys()):
        if there.get(name) != held.get(name):
            verdict.found(
                "database_differs",
                f"“{name}”部分与数据库现有记录不同：制作之后，数据库中的记录被改动",
                f"section {name!r} differs from the database: records were changed there since it was made",
            )


def _tell(verdict: Verdict, language: str) -> None:
    zh = language == "zh"
    for each in verdict.findings[:MOST_SHOWN]:
        print(_line("发现", "FOUND", (each.zh, each.en), language))
    if len(verdict.findings) > MOST_SHOWN:
        print(f"… {len(verdict.findings) - MOST_SHOWN}")
    head = verdict.head
    if head:
        print(
            f"案件 {head.get('number')}，截止事件 {head.get('event')}：{verdict.sections} 个部分、{verdict.rows} 条记录"
            f"（{verdict.withheld} 条含不予显示的内容，其哈希未能重算），签名密钥 {verdict.key}"
            if zh
            else f"case {head.get('number')} up to event {head.get('event')}: {verdict.sections} sections, {verdict.rows} rows"
            f" ({verdict.withheld} with something withheld, whose hash could not be computed again), signed by {verdict.key}"
        )
        print(f"{'卷宗哈希' if zh else 'hash'} {verdict.hash}")
    if verdict.good:
        print("卷宗完整，未发现改动" if zh else "The dossier is as it was made.")
    else:
        count = len(verdict.findings)
        print(f"卷宗不可信：发现 {count} 处问题" if zh else f"The dossier is NOT as it was made: {count} finding(s).")


def _line(zh: str, en: str, said: tuple[str, str], language: str) -> str:
    return f"{zh if language == 'zh' else en:<8}{said[0 if language == 'zh' else 1]}"
