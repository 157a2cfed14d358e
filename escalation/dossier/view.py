"""What a printed dossier shows, as texts: made from the document alone, so that the same document gives the same pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.calendar.units import Unit, plain
from engine.events import Event
from escalation.dossier import words
from escalation.dossier.canonical import digest_of
from escalation.dossier.words import said

Row = Mapping[str, Any]

WIDE: Final = 1000
"""A bar's width."""
MOST_ROWS: Final = 3000
MOST_NOTICES: Final = 300
MOST_TEXT: Final = 400
"""What is printed at most: rows of a history, notices, characters of a cell. The rest is in the data file, and the page says so."""


class View:
    """One document in one language."""

    def __init__(self, document: Row, content: bytes, name: str, language: str, city: str = "") -> None:
        self.language = language
        self.document, self.content, self.name, self.city = document, content, name, city
        self.part = {each["name"]: each["content"] for each in document["sections"]}
        self.case = self.part["case"]
        self.zone = ZoneInfo(self.case["zone"])
        self.names = self.part["names"]
        self.units = {each["key"]: each for each in self.names["units"].values()}
        self.until = _time(document["head"]["until"])
        beside = [*self.part["supervisions"], *self.part["requests"]]
        self.beside = [each for each in beside if each.get("files")]
        attached = [*self.part["files"], *(file for each in self.beside for file in each["files"])]
        self.files = {str(each["id"]): str(each["name"]) for each in attached}
        self._shades: dict[int | None, int] = {}

    def told(self) -> dict[str, Any]:
        """Everything the template prints."""
        zh = self.language == "zh"
        number = str(self.case["number"])
        file_hash = digest_of(self.content)
        page = self.word("page").format("{1}", "{2}")
        answers = {each["name"]: each for each in self.part["answers"]}
        return {
            "title": self.of(words.TITLE),
            "subject": _short(str(answers.get("title", {}).get("value", number)), 120),
            "number": number,
            "short": self.document["hash"].partition(":")[2][:16],
            "city": self.city,
            "lang": "zh" if zh else "en",
            "region": "CN" if zh else "GB",
            "keywords": [number, self.document["hash"], file_hash],
            "page": page,
            "labels": {name: self.of(pair) for name, pair in words.LABELS.items()},
            "front": self._front(),
            "facts": [[self._label(a), self._value(a, a["value"])] for a in self.part["answers"]],
            **self._holding(),
            "clocks": [self._clock(c) for c in self.part["clocks"]],
            "rungs": [self._rung(r) for r in self.part["rungs"]],
            **self._told(),
            "files": [_file(f) for f in self.part["files"]],
            "files-beside": [
                {"number": str(each["number"]), "files": [_file(f) for f in each["files"]]} for each in self.beside
            ],
            "links": [
                {"time": self.time(k["at"]), "kind": k["kind"], "number": str(k["number"])} for k in self.part["links"]
            ],
            "histories": self._histories(),
            "how": self.word("how").format(f"{self.name}.json"),
            "proof": [
                [self.word("hash"), self.document["hash"]],
                [self.word("file_hash"), file_hash],
                [self.word("key"), self.document["signature"]["key"]],
            ],
            "attachment": f"{self.name}.json",
        }

    # ------------------------------------------------------------ words

    def of(self, pair: words.Pair | None, otherwise: str = "") -> str:
        """A word in this language."""
        return said(pair, self.language, otherwise)

    def word(self, name: str) -> str:
        """A label."""
        return self.of(words.LABELS[name])

    def time(self, value: Any) -> str:
        """A moment, to the minute, in the case's zone."""
        return f"{_time(value).astimezone(self.zone):%Y-%m-%d %H:%M}" if value is not None else ""

    def length(self, seconds: Any) -> str:
        """A length of time in days, hours and minutes."""
        minutes = int(Decimal(str(seconds)) // 60)
        days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
        zh = self.language == "zh"
        parts = [(days, "天", "d"), (hours, "小时", "h"), (rest, "分", "min")]
        told = [f"{n} {a if zh else b}" for n, a, b in parts if n]
        return " ".join(told[:2]) or ("不足 1 分" if zh else "< 1 min")

    def unit(self, unit_id: Any) -> str:
        """The name of a unit."""
        return self._name("units", unit_id)

    def person(self, person_id: Any) -> str:
        """The name of a person."""
        found = self.names["people"].get(str(person_id)) if person_id is not None else None
        return str(found["name"]) if found is not None else ""

    def _name(self, kind: str, key: Any) -> str:
        found = self.names[kind].get(str(key)) if key is not None else None
        return self.of((found["zh"], found["en"]), str(key)) if found is not None else ""

    # ------------------------------------------------------------ parts

    def process(self) -> str:
        """The name of the case's process, and its number."""
        process = self.case["process"]
        return f"{self.of((process['zh'], process['en']))}　{self.case['number']}"

    def _front(self) -> list[list[str]]:
        case, process = self.case, self.case["process"]
        version = self.word("version").format(process["version"])
        rows = [
            ("number", str(case["number"])),
            ("process", f"{self.of((process['zh'], process['en']))}（{version}）"),
            ("starter", self.person(case.get("starter"))),
            ("started", self.time(case["started_at"])),
            ("status", self.of(words.STATUS.get(case["status"]), case["status"])),
            ("ended", self.time(case.get("ended_at"))),
            ("until", f"№ {self.document['head']['event']}　{self.time(self.document['head']['until'])}"),
            ("hash", self.document["hash"].partition(":")[2]),
        ]
        return [[self.word(name), text] for name, text in rows if text]

    def _label(self, answer: Row) -> str:
        return self.of((answer.get("zh", ""), answer.get("en", ""))) or str(answer["name"])

    def _value(self, answer: Row, value: Any) -> str:
        """A value of a field in words; of a row of a register its name, where it is the one that was kept."""
        told = answer.get("value_zh" if self.language == "zh" else "value_en")
        if told is not None and answer["value"] == value:
            return _short(str(told))
        given = value if isinstance(value, list) else [value]
        choices = answer.get("choices") or {}
        if choices and all(str(v) in choices for v in given):
            return "、".join(self.of((choices[str(v)]["zh"], choices[str(v)]["en"])) for v in given)
        if answer.get("control") in ("photo", "file", "signature"):
            found_files = [self.files.get(str(v), str(v)) for v in (value if isinstance(value, list) else [value])]
            return _short("、".join(found_files))
        if answer.get("control") == "unit":
            keys = value if isinstance(value, list) else [value]
            found = [self.units.get(str(k)) for k in keys]
            return "、".join(self.of((u["zh"], u["en"])) if u else str(k) for u, k in zip(found, keys, strict=True))
        return _short(self._text(value))

    def _text(self, value: Any) -> str:
        if isinstance(value, bool):
            return ("是" if value else "否") if self.language == "zh" else ("yes" if value else "no")
        if isinstance(value, list):
            return ("、" if self.language == "zh" else ", ").join(map(self._text, value))
        if isinstance(value, Mapping):
            return "; ".join(f"{k}: {self._text(v)}" for k, v in value.items())
        return str(value)

    def _holding(self) -> dict[str, Any]:
        holding = self.part["holding"]
        begin, end = _time(holding["since"]), _time(holding["until"])
        units = []
        for each in holding["units"]:
            shade = len(self._shades) if each["held"] else -1
            if each["held"]:
                self._shades[each.get("unit")] = shade
            name = self.unit(each.get("unit")) or self.word("any" if each["held"] else "nobody")
            units.append({"name": name, "shade": shade, "length": self.length(each["seconds"])})
        bars = [
            {
                **_span(_time(p["since"]), _time(p["until"]), begin, end),
                "shade": self._shades.get(p.get("unit"), -1) if p["tasks"] else -1,
            }
            for p in holding["stretches"]
        ]
        tasks = []
        for task in self.part["handovers"]:
            ended = task.get("closed_at")
            spent = (_time(ended) if ended else self.until) - _time(task["opened_at"])
            held = " ".join(t for t in (self.unit(task.get("unit")), self._name("posts", task.get("post"))) if t)
            tasks.append(
                {
                    "step": self.of((task["zh"], task["en"])) or task["node"],
                    "unit": held,
                    "person": "、".join(dict.fromkeys(self._holders(task))),
                    "since": self.time(task["opened_at"]),
                    "until": self.time(ended) if ended else self.word("open"),
                    "length": self.length(spent.total_seconds()),
                }
            )
        return {"held": bars, "units": units, "total": self.length(holding["seconds"]), "tasks": tasks}

    def _holders(self, task: Row) -> list[str]:
        ids = [task.get("assigned")]
        for event in task["events"]:
            ids.append(event.get("to") if event["kind"] in ("transferred", "delegated") else None)
            ids.append(event.get("person") if event["kind"] in ("claimed", "completed", "signed") else None)
        return [name for each in ids if isinstance(each, int) and (name := self.person(each))]

    def _clock(self, clock: Row) -> dict[str, Any]:
        begin, stop = _time(clock["started_at"]), clock.get("stopped_at")
        due = _time(clock["due_at"]) if clock.get("due_at") else None
        end = _time(stop) if stop else max(self.until, begin)
        right = max(end, due or end)
        late = bool(clock.get("late"))
        parts = []
        for each in clock["segments"]:
            since, until = _time(each["since"]), _time(each["until"]) if each.get("until") else end
            kind = "running" if each["running"] else "paused"
            if late and due is not None and each["running"] and until > due:
                parts.append({**_span(max(since, due), until, begin, right), "kind": "late"})
                until = max(since, due)
            if until > since:
                parts.append({**_span(since, until, begin, right), "kind": kind})
        name = self.of((clock.get("zh") or "", clock.get("en") or "")) or clock["name"]
        task = next((t for t in self.part["handovers"] if t["task"] == clock.get("task")), None)
        if task is not None:
            name += f"　{self.of((task['zh'], task['en'])) or task['node']}"
        line = [
            f"{self.word('from')} {self.time(begin)}",
            f"{self.word('due')} {self.time(due)}" if due else "",
            f"{self.word('stopped')} {self.time(stop)}" if stop else "",
            f"{self.word('budget')} {self._amount(clock)}" if clock.get("amount") else "",
            f"{self.word('calendar')} "
            + self.word("calendar_of").format(clock["calendar"], clock.get("calendar_version", "")),
        ]
        return {
            "name": name,
            "late": late,
            "standing": self._standing(clock, due, end),
            "line": "　".join(each for each in line if each),
            "parts": parts,
            "due": _share(due, begin, right) if due else None,
            "entries": [self._entry(e) for e in clock["entries"]],
        }

    def _standing(self, clock: Row, due: datetime | None, end: datetime) -> str:
        if clock.get("late") and due is not None:
            return f"{self.word('late')} {self.length((end - due).total_seconds())}"
        state = words.STATUS["completed" if clock.get("stopped_at") else "active"]
        return self.of(state)

    def _amount(self, clock: Row) -> str:
        amount = Decimal(str(clock["amount"]))
        try:
            return f"{plain(amount)} {Unit(clock['unit']).label(self.language, amount)}"
        except ValueError:
            return f"{clock['amount']} {clock.get('unit', '')}"

    def _entry(self, entry: Row) -> dict[str, str]:
        why = [entry.get(k, "") for k in ("reason", "basis", "document")]
        who = [
            *(self.unit(entry.get(k)) for k in ("asked_unit", "approved_unit")),
            *(self.person(entry.get(k)) for k in ("asked_by", "approved_by")),
        ]
        return {
            "time": self.time(entry["at"]),
            "kind": self.of(words.ENTRIES.get(entry["kind"]), entry["kind"]),
            "why": _short("；".join(w for w in why if w)),
            "who": " ".join(dict.fromkeys(w for w in who if w)) or self.word("system"),
        }

    def _rung(self, rung: Row) -> dict[str, str]:
        who = " ".join(t for t in (self.unit(rung.get("by_unit_id")), self.person(rung.get("by_id"))) if t)
        why = [who or self.word("system"), rung.get("reason", ""), rung.get("basis", "")]
        if rung.get("due_at"):
            why.append(f"{self.word('due')} {self.time(rung['due_at'])}")
        outcome = self.of(words.OUTCOMES.get(rung.get("outcome", "")), rung.get("outcome", ""))
        answer = [self.time(rung.get("answered_at")), rung.get("answer", ""), outcome, rung.get("closing", "")]
        return {
            "time": self.time(rung["at"]),
            "kind": self.of(words.RUNGS.get(rung["kind"]), rung["kind"]),
            "unit": self.unit(rung.get("unit_id")),
            "why": _short("\n".join(w for w in why if w)),
            "answer": _short("\n".join(a for a in answer if a)),
        }

    def _told(self) -> dict[str, Any]:
        rows = [*self.part["notices"], *self.part["copies"]]
        rows += [row for each in self.part["supervisions"] for row in each["notices"]]
        rows.sort(key=lambda row: str(row["at"]))
        shown = [
            {
                "time": self.time(row["at"]),
                "person": self.person(row["person"]),
                "kind": self.of(words.TOLD.get(row["kind"]) or words.EVENTS.get(row["kind"]), row["kind"]),
                "read": self.time(row.get("read_at")) or self.word("unread"),
                "ways": "、".join(dict.fromkeys(way["channel"] for way in row.get("ways", ()))),
            }
            for row in rows[:MOST_NOTICES]
        ]
        more = len(rows) - len(shown)
        return {"told": shown, "told-more": self.word("more").format(more) if more else ""}

    def _histories(self) -> list[dict[str, Any]]:
        title = self.process() if self.part["supervisions"] else ""
        found = [self._history(title, self.part["history"], self.case["steps"], self.part["answers"])]
        for each in self.part["supervisions"]:
            process = each["process"]
            title = f"{self.word('supervision')}　{self.of((process['zh'], process['en']))}　{each['number']}"
            found.append(self._history(title, each["history"], each["steps"], each["answers"]))
        return found

    def _history(self, title: str, told: Row, steps: Row, answers: Sequence[Row]) -> dict[str, Any]:
        rows: Sequence[Row] = told["rows"]
        half = MOST_ROWS // 2
        shown = rows if len(rows) <= MOST_ROWS else [*rows[:half], *rows[-half:]]
        more = len(rows) - len(shown)
        labels = {a["name"]: a for a in answers}
        return {
            "title": title,
            "rows": [self._event(row, steps, labels) for row in shown],
            "more": self.word("more").format(more) if more else "",
        }

    def _event(self, row: Row, steps: Row, labels: Row) -> dict[str, str]:
        kind = self.of(words.EVENTS.get(row["kind"]), row["kind"])
        node = steps.get(row.get("node", ""))
        held = (
            self.unit(row.get("unit_id")),
            self._name("posts", row.get("post_key")),
            self.person(row.get("actor_id")),
        )
        what = self.word("withheld") if "withheld" in row else self._what(row["kind"], row.get("data") or {}, labels)
        return {
            "n": str(row["seq"]),
            "time": self.time(row["at"]),
            "event": f"{self.of((node['zh'], node['en'])) if node else ''} {kind}".strip(),
            "who": " ".join(t for t in held if t) or self.word("system"),
            "what": what,
        }

    def _what(self, kind: str, data: Row, labels: Row) -> str:
        told = []
        for name, value in (data.get("answers") or {}).items():
            known = labels.get(name)
            if value not in (None, "", []) and known is not None and known.get("zh"):
                told.append(f"{self._label(known)}：{self._value(known, value)}")
        if "rung" in data:
            told.append(self.of(words.RUNGS.get(data.get("kind", "")), str(data.get("kind", ""))))
            told.append(self.of(words.OUTCOMES.get(data.get("outcome", "")), str(data.get("outcome") or "")))
        shown = _SHOWN if kind != Event.ACTION_DONE else ("error",)
        for name in shown:
            if data.get(name) not in (None, ""):
                text = str(data[name])
                told.append(self.time(text) if name in ("due", "until") else text)
        return _short("；".join(each for each in told if each))


_SHOWN = ("text", "name", "clock", "due", "ground", "basis", "document", "amount", "until")
"""What a row of history says beside answers, in this order. What the system did bears the name of its node."""


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _share(at: datetime, begin: datetime, end: datetime) -> int:
    """Where a moment lies in a bar, in thousandths."""
    whole = (end - begin).total_seconds()
    return max(0, min(WIDE, round((at - begin).total_seconds() / whole * WIDE))) if whole > 0 else 0


def _file(file: Row) -> dict[str, str]:
    return {"name": _short(file["name"]), "size": str(file["size"]), "hash": file["hash"].partition(":")[2]}


def _span(since: datetime, until: datetime, begin: datetime, end: datetime) -> dict[str, int]:
    at = _share(since, begin, end)
    return {"at": at, "width": max(_share(until, begin, end) - at, 0)}


def _short(text: str, most: int = MOST_TEXT) -> str:
    """A text that fits a cell, without what no page can print."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
