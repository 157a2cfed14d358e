"""Walk through the pages as somebody would who clicks every link, a few of each kind: what answers wrongly, what is not in the reader's
language, what shows a key where a name belongs, and numbers that lead to a list of another length.

On a city at work: `python -m tests.crawling DATABASE_URL [--each N] [--follow N] [--only LOGIN]` prints what it finds."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import lxml.html
from flask import Flask
from lxml.html import HtmlElement
from sqlalchemy import Connection, select

from engine.tables import metadata
from tests.web.visitor import Visitor
from web.city import City

CHINESE = re.compile(r"[\u3400-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z’'-]{2,}(?: [A-Za-z][A-Za-z’'-]+)*")
MARKS = re.compile(r"[，。：；（）、！？]")
KEY = re.compile(r"(?<![\w/.@#=?&-])[a-z]{2,}(?:_[a-z0-9]+)+(?![\w/.@=-])")
NUMBER = re.compile(r"[0-9][0-9,]*\+?")
LEAVES = re.compile(r"^/(static|live|api|logout|sso)\b|\.(ics|xes|json|ocel|zip|pdf|xlsx|csv|bpmn|dmn)$")
"""What is no page, or costs too much of a walk."""
KEYED = ("figures", "registers", "definitions", "organisation", "start", "drills", "permits", "apply")
"""After these, keys of content follow."""
ASIDE = ("script", "style", "code", "pre", "textarea", "svg", "noscript", "template")
SHOWN = ("aria-label", "title", "placeholder", "alt")
WRITES = {"definition", "definition_file", "register", "setting", "unit", "post", "area"}
"""Tables of content that comes in two languages: what they hold is no excuse."""
LOGINS = (
    "lijianguo", "xiahexiang", "jiangweimin", "hejianping", "sunguoqing", "zhouxiaoyan", "zhuxiaodong", "yuhaiyan",
    "dengmeiling", "honghaiyan", "zhanglianzheng", "liangzihao", "chengsiyuan", "xiefangfang", "yuanzhigang", "xuguangming",
    "fuxiaolin", "shenjiahao", "feiguoqing", "jiaqiaoyun", "cengqingfeng", "qiuwenhua",
)  # fmt: skip
"""One of each kind: collector, handler, head of a unit, dispatcher, shift leader, acceptor, supervisor, committee, inspector, their head,
discipline officer, emergency coordinator, window clerk, reviewer, assessor, designer, operator, three administrators, reporter, inspector
of a third party."""


@dataclass
class Seen:
    """One page: what it says, where it leads, and which numbers it shows."""

    path: str
    status: int
    texts: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    """Numbers in places of numbers that lead nowhere."""
    count: int | None = None


@dataclass
class Walk:
    """What a person met."""

    login: str
    language: str
    pages: dict[str, Seen] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def pattern(path: str) -> str:
    """The kind of an address: numbers, codes and values left out."""
    parts = urlsplit(path)
    steps = ["*" if re.search(r"\d|[0-9a-f]{12}", one) else one for one in parts.path.split("/")]
    if len(steps) > 3 and steps[1] == "assessment":  # /assessment/cases/<count>
        steps[3:] = "*"
    elif len(steps) > 2 and steps[1] in KEYED:
        steps[2:] = ["*" if n == 0 or "_" in one or n > 1 else one for n, one in enumerate(steps[2:])]
    return "/".join(steps) + (
        "?" + "&".join(sorted({name for name, _ in parse_qsl(parts.query)})) if parts.query else ""
    )


def walk(
    app: Flask, city: City, login: str | None, language: str, each: int = 2, most: int = 600, start: str = "/"
) -> Walk:
    """Click through the pages, so many of each kind of address."""
    person = Visitor(app, city, login, language)
    found = Walk(login or "public", language)
    waiting: deque[tuple[str, str]] = deque([(start, "")])
    kinds: Counter[str] = Counter()
    queued = {start}
    while waiting and len(found.pages) < most:
        path, before = waiting.popleft()
        answer = person.get(path)
        if answer.status_code in (301, 302, 303, 307, 308):
            where = local(path, answer.headers["Location"])
            answer.close()
            if where and where not in queued:
                queued.add(where)
                waiting.append((where, path))
            found.pages[path] = Seen(path, answer.status_code)
            continue
        one = Seen(path, answer.status_code)
        found.pages[path] = one
        if answer.status_code >= 400:
            found.wrong.append(f"{answer.status_code} {path}  from {before}")
        if answer.mimetype == "text/html":
            look(one, answer.get_data(as_text=True))
        answer.close()
        for href, _ in one.links:
            kind = pattern(href)
            if href in queued or LEAVES.search(urlsplit(href).path) or kinds[kind] >= each:
                continue
            kinds[kind] += 1
            queued.add(href)
            waiting.append((href, path))
    return found


def local(path: str, href: str) -> str:
    """An address of ours without its fragment; else empty."""
    parts = urlsplit(urljoin(f"http://localhost{path}", href))
    if parts.scheme not in ("http", "https") or parts.netloc != "localhost":
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def look(one: Seen, text: str) -> None:
    """Read a page."""
    root = lxml.html.document_fromstring(text)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "a" and element.get("href") is not None:
            href = str(element.get("href"))
            where = "" if href.startswith("#") else local(one.path, href)
            if where:
                words = " ".join(element.text_content().split())
                one.links.append((where, words))
                count = element.find_class("count") or element.find_class("figure-value")
                said = " ".join(count[0].text_content().split()) if count else words
                if NUMBER.fullmatch(said) and element.get("aria-current") is None:  # else it leads back
                    one.numbers.append((where, said))
        elif _is_number(element):
            one.plain.append(f"{_label(element)}: {' '.join(element.text_content().split())}")
    one.texts = list(_texts(root, aside=False))
    heading = root.find_class("list-count") or root.find_class("heading-count")
    digits = NUMBER.findall(heading[0].text_content()) if heading else []
    rows = root.xpath("//tr[@data-row]")
    if urlsplit(one.path).path == "/inbox" and not root.xpath("//nav[@class='pager']"):
        digits = [str(len(rows))]
    one.count = int(digits[0].replace(",", "").rstrip("+")) if digits else None


def _is_number(element: HtmlElement) -> bool:
    classes = (element.get("class") or "").split()
    if not {"number", "count", "figure-value", "key-value"} & set(classes) and element.tag != "dd":
        return False
    inside = element.iterancestors("a")
    text = " ".join(element.text_content().split())
    return (
        bool(NUMBER.fullmatch(text))
        and text not in ("0", "")
        and next(inside, None) is None
        and not element.findall(".//a")
    )


def _label(element: HtmlElement) -> str:
    row = next(element.iterancestors("tr", "li", "dl", "div"), None)
    return " ".join(row.text_content().split())[:60] if row is not None else ""


def _texts(element: HtmlElement, *, aside: bool) -> Iterator[str]:
    """What a reader sees or hears, but for what is marked as Chinese, is code, or was typed."""
    hidden = aside or element.tag in ASIDE or (element.get("lang") == "zh-CN" and element.tag != "html")
    if not hidden:
        yield from (str(element.get(name)) for name in SHOWN if element.get(name))
        if element.text:
            yield element.text
    for child in element:
        if isinstance(child.tag, str):
            yield from _texts(child, aside=hidden)
        if child.tail and not hidden:
            yield child.tail


# ---------------------------------------------------------------- what is judged


def unequal(walked: Walk, person: Visitor, each: int = 12, most: int = 400) -> tuple[int, list[str]]:
    """How many numbers were followed to a list that says its length, and those that are another one there."""
    checked, wrong, known = 0, [], dict(walked.pages)
    done: Counter[str] = Counter()
    for page in list(walked.pages.values()):
        for where, said in page.numbers:
            kind = pattern(page.path) + " > " + pattern(where)
            if done[kind] >= each or checked >= most or said.endswith("+"):
                continue
            done[kind] += 1
            if where not in known:
                answer = person.get(where)
                one = Seen(where, answer.status_code)
                if answer.mimetype == "text/html":
                    look(one, answer.get_data(as_text=True))
                answer.close()
                known[where] = one
            target = known[where]
            if target.status != 200:
                wrong.append(f"{page.path}: {said} leads to {target.status} {where}")
            elif target.count is not None:
                checked += 1
                if target.count != int(said.replace(",", "")):
                    wrong.append(f"{page.path}: {said}, but {where} has {target.count}")
    return checked, wrong


def written(connection: Connection) -> str:
    """All that people wrote and are called, in one text: Chinese that stands there stays Chinese in English."""
    found: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in WRITES:
            continue
        columns = [c for c in table.columns if c.type.python_type in (str, dict, list, object)]
        if columns:
            for row in connection.execute(select(*columns)):
                found += [
                    one if isinstance(one, str) else json.dumps(one, ensure_ascii=False, default=str)
                    for one in row
                    if one
                ]
    return "\n".join(found)


def left_chinese(walked: Walk, known: str) -> dict[str, set[str]]:
    """Chinese on English pages that nobody wrote, and one page of each."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in walked.pages.values():
        for text in page.texts:
            for one in CHINESE.findall(text):
                if one not in known:
                    found[one].add(page.path)
    return found


def left_marks(walked: Walk) -> dict[str, set[str]]:
    """Chinese punctuation on English pages beside English words, and one page of each."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in walked.pages.values():
        for text in page.texts:
            if MARKS.search(text) and not CHINESE.search(text):
                found[" ".join(text.split())[:80]].add(page.path)
    return found


def keys_shown(walked: Walk) -> dict[str, set[str]]:
    """Words like keys, and the pages that show them."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in walked.pages.values():
        for text in page.texts:
            for one in KEY.findall(text):
                found[one].add(page.path)
    return found


def left_english(walked: Walk) -> dict[str, set[str]]:
    """English on Chinese pages, by phrase."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in walked.pages.values():
        for text in page.texts:
            for one in ENGLISH.findall(text):
                found[one].add(page.path)
    return found


# ---------------------------------------------------------------- by hand


def main(arguments: list[str]) -> int:
    """Crawl a database as many people in both languages, and print what is found."""
    from web.app import create_app  # noqa: PLC0415
    from web.wiring import open_city  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m tests.crawling", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--most", type=int, default=600)
    parser.add_argument("--follow", type=int, default=12)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--language", action="append", default=[])
    given = parser.parse_args(arguments)
    city = open_city(given.url)
    app = create_app(city, b"a secret of the crawl")
    with city.core.db.read() as connection:
        known = written(connection)
    say: Callable[..., None] = print
    for login in given.only or (*LOGINS, None):
        for language in given.language or ("zh", "en"):
            who = None if login in (None, "public") else login
            found = walk(app, city, who, language, given.each, given.most, "/" if who else "/public")
            person = Visitor(app, city, who, language)
            checked, wrong = unequal(found, person, given.follow)
            say(f"== {login} {language}: {len(found.pages)} pages, {checked} numbers followed, {len(wrong)} unequal")
            for line in (*found.wrong, *wrong):
                say("  ", line)
            left = left_chinese(found, known) if language == "en" else {}
            marks = left_marks(found) if language == "en" else {}
            for name, told in (("CHINESE", left), ("MARKS", marks), ("KEY", keys_shown(found))):
                for one, where in sorted(told.items(), key=lambda pair: -len(pair[1]))[:60]:
                    say(f"   {name} {one!r}: {len(where)} pages, {min(where)}")
            if language == "zh":
                several = sorted(left_english(found).items(), key=lambda pair: -len(pair[1]))
                say("   ENGLISH", "; ".join(f"{one} ({len(where)}: {min(where)})" for one, where in several[:150]))
                plain = {f"{pattern(page.path)}: {each}" for page in found.pages.values() for each in page.plain}
                say("   PLAIN", "\n         ".join(sorted(plain)[:120]))
    city.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
