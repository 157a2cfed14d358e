"""300 broken or hostile files, made from good ones by a fixed seed: nothing is executed, nothing crashes, nothing hangs, each is
refused in words that name the line and the element."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from engine import dmn
from tests.dmn.drawing import decision, dmn_file, element, input_data, literal, table

SEED = 20_261_001
COUNT = 300

TYPES = element("itemDefinition", element("typeRef", "number") + literal("> 0", "allowedValues"), name="tAmount")
RATE = element(
    "businessKnowledgeModel",
    element("encapsulatedLogic", element("formalParameter", name="n") + literal("n * 2")),
    id="rate",
    name="rate",
)
GOOD = (
    dmn_file(
        TYPES,
        input_data("amount", type="tAmount"),
        decision(
            "grade",
            table(["amount"], ["g"], [["< 10", '"A"'], ["[10..20)", '"B"'], [">= 20", '"C"']]),
            inputs=["amount"],
        ),
        decision(
            "days",
            table(["grade", "kind"], ["d", "e"], [['"A"', "-", "1", "2"], ["-", "1", "3", "4"]], "FIRST"),
            decisions=["grade"],
        ),
    ).decode(),
    dmn_file(
        RATE,
        decision("a", literal("rate(1) + x"), knowledge=["rate"]),
        decision("b", element("list", literal("a") + literal("a + 1")), decisions=["a"]),
        decision(
            "c",
            table(["b[1]", "b[2]"], ["r"], [["1, 2", "not(3)", "1"], ["> 2", "-", "a"]], "COLLECT", aggregation="SUM"),
            decisions=["a", "b"],
        ),
        version="1.5",
    ).decode(),
)

# What would do something, were it evaluated by Python, Java, Groovy, JavaScript, a template or a shell. None of it is FEEL.
ATTACKS = (
    "__import__('os').system('touch {mark}')",
    '__import__("os").system("touch {mark}")',
    "().__class__.__base__.__subclasses__()",
    "open('{mark}', 'w')",
    'exec("open(1)")',
    "eval('1')",
    "${{''.getClass().forName('java.lang.Runtime')}}",
    "#{{T(java.lang.Runtime).getRuntime().exec('touch {mark}')}}",
    "import os; os.system('touch {mark}')",
    'new File("{mark}").createNewFile()',
    '"touch {mark}".execute()',
    "java.lang.Runtime.getRuntime().exec('id')",
    "(function() {{ return this }})()",
    "require('child_process').execSync('touch {mark}')",
    "lambda: 1",
    "x := 1",
    "{{{{ x }}}}",
    'function(a) external {{java: {{class: "java.lang.System", "method signature": "exit(int)"}}}}',
)
BAD_FEEL = (
    "1 +",
    "a ==",
    "((",
    "[1..",
    "if x then",
    "for in",
    "1 2 3",
    '"open',
    "a b",
    "not",
    "x and",
    "}",
    "= = 1",
    "sort([1], 2)",
)
LANGUAGES = ("python", "groovy", "juel", "javascript", "java", "ruby", "bash", "http://www.w3.org/1999/XPath")
DOCTYPES = (
    '<!DOCTYPE d [<!ENTITY a "x">]>',
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">',
    "<!DOCTYPE d [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)) + "]>",
)

Mutation = Callable[[random.Random, str, Path], str | bytes]


def _one_of(chance: random.Random, pattern: str, text: str) -> re.Match[str]:
    return chance.choice(list(re.finditer(pattern, text)))


def _swap(text: str, found: re.Match[str], new: str, group: int = 0) -> str:
    return text[: found.start(group)] + new + text[found.end(group) :]


def _in_a_text(chance: random.Random, text: str, new: str) -> str:
    return _swap(text, _one_of(chance, r"<text>([^<]*)</text>", text), escape(new), 1)


def attack(chance: random.Random, text: str, mark: Path) -> str:
    return _in_a_text(chance, text, chance.choice(ATTACKS).format(mark=mark))


def attack_in_its_language(chance: random.Random, text: str, mark: Path) -> str:
    found = _one_of(chance, r"<(inputEntry|outputEntry|literalExpression|inputExpression)>(?=\s*<text>)", text)
    changed = _swap(text, found, f'<{found[1]} expressionLanguage="{chance.choice(LANGUAGES)}">')
    return changed.replace("<text>", f"<text>{escape(chance.choice(ATTACKS).format(mark=mark))}", 1)


def bad_feel(chance: random.Random, text: str, mark: Path) -> str:
    return _in_a_text(chance, text, chance.choice(BAD_FEEL))


def deep_feel(chance: random.Random, text: str, mark: Path) -> str:
    depth = chance.randint(70, 3_000)
    opened, closed = chance.choice([("(", ")"), ("[", "]"), ("{", "}")])
    inner = "a: {" * depth + "a: 1" + "}" * depth if opened == "{" else opened * depth + "1" + closed * depth
    return _in_a_text(chance, text, "{" + inner + "}" if opened == "{" else inner)


def long_feel(chance: random.Random, text: str, mark: Path) -> str:
    return _in_a_text(chance, text, "1" + " + 1" * chance.randint(2_600, 9_000))


def doctype(chance: random.Random, text: str, mark: Path) -> str:
    return text.replace("<definitions", chance.choice(DOCTYPES) + "<definitions", 1)


def entity(chance: random.Random, text: str, mark: Path) -> str:
    return _in_a_text(chance, text, "MARK").replace("MARK", chance.choice(["&x;", "&#0;", "&lt", "&e9;"]))


def cut(chance: random.Random, text: str, mark: Path) -> str:
    return text[: chance.randint(1, len(text) - 20)]


def unclosed(chance: random.Random, text: str, mark: Path) -> str:
    return _swap(text, _one_of(chance, r"</\w+>", text), "")


def noise(chance: random.Random, text: str, mark: Path) -> bytes:
    return bytes(chance.randrange(256) for _ in range(chance.randint(1, 500)))


def encoding(chance: random.Random, text: str, mark: Path) -> bytes:
    return text.encode(chance.choice(["utf-16", "utf-32", "gb18030", "utf-16-le"]))


def unknown_element(chance: random.Random, text: str, mark: Path) -> str:
    name = chance.choice(["script", "decisionTables", "rule", "process", "expression", "x"])
    return _swap(text, _one_of(chance, r"(?=</(decision|definitions|rule|literalExpression)>)", text), f"<{name}/>")


def foreign_element(chance: random.Random, text: str, mark: Path) -> str:
    return _swap(
        text, _one_of(chance, r"(?=<(decision|decisionTable|rule) ?)", text), '<v:run xmlns:v="urn:v">1</v:run>'
    )


def renamed_element(chance: random.Random, text: str, mark: Path) -> str:
    name = chance.choice(["rule", "inputEntry", "outputEntry", "decisionTable", "text", "decision", "output"])
    return re.sub(rf"(</?){name}(?=[ >])", r"\g<1>" + name.upper(), text)


def unknown_attribute(chance: random.Random, text: str, mark: Path) -> str:
    found = _one_of(chance, r"<(decision|decisionTable|rule|literalExpression|output)(?=[ >])", text)
    return _swap(text, found, f'{found[0]} {chance.choice(["hitpolicy", "onclick", "class", "href", "kind"])}="x"')


def without_attribute(chance: random.Random, text: str, mark: Path) -> str:
    return _swap(text, _one_of(chance, r'(?<=<decision) id="\w+"( name="\w+")', text), "", 1)


def duplicate_id(chance: random.Random, text: str, mark: Path) -> str:
    taken = chance.choice(["definitions", *re.findall(r'<decision id="(\w+)', text)])
    return _swap(text, _one_of(chance, r"<rule>", text), f'<rule id="{taken}">')


def dangling(chance: random.Random, text: str, mark: Path) -> str:
    aim = chance.choice(["#nobody", "#", "other.dmn#grade", "file:///etc/passwd#x", "http://127.0.0.1:9/#a", "grade"])
    return _swap(text, _one_of(chance, r'href="([^"]*)"', text), aim, 1)


def cycle(chance: random.Random, text: str, mark: Path) -> str:
    names = re.findall(r'<decision id="(\w+)"', text)
    start, back = names[0], names[-1]
    need = (
        f'<informationRequirement><requiredDecision href="#{chance.choice([start, back])}"/></informationRequirement>'
    )
    return text.replace(f'<decision id="{start}" name="{start}">', f'<decision id="{start}" name="{start}">{need}', 1)


def wrong_kind(chance: random.Random, text: str, mark: Path) -> str:
    found = _one_of(chance, r"<required(Decision|Input|Knowledge) ", text)
    other = chance.choice([each for each in ("Decision", "Input", "Knowledge") if each != found[1]])
    return text.replace(f"<required{found[1]} ", f"<required{other} ").replace(
        f"</required{found[1]}>", f"</required{other}>"
    )


def hit_policy(chance: random.Random, text: str, mark: Path) -> str:
    policy = chance.choice(["unique", "U", "LAST", "PRIORITY", "OUTPUT ORDER", "${x}"])
    return re.sub(r'hitPolicy="[^"]*"(?: aggregation="\w+")?', f'hitPolicy="{policy}"', text)


def aggregation(chance: random.Random, text: str, mark: Path) -> str:
    return re.sub(
        r'hitPolicy="[^"]*"(?: aggregation="\w+")?',
        f'hitPolicy="{chance.choice(["FIRST", "ANY"])}" aggregation="{chance.choice(["SUM", "MAX"])}"',
        text,
    )


def lost_cell(chance: random.Random, text: str, mark: Path) -> str:
    cell = r"<(inputEntry|outputEntry)>\s*<text>[^<]*</text>\s*</\1>"
    return _swap(text, _one_of(chance, cell, text), "")


def version(chance: random.Random, text: str, mark: Path) -> str:
    space = chance.choice(
        ["https://www.omg.org/spec/DMN/20240513/MODEL/", "http://www.omg.org/spec/BPMN/20100524/MODEL", "", "urn:x"]
    )
    return re.sub(r'xmlns="[^"]*"', f'xmlns="{space}"', text, count=1)


def imported(chance: random.Random, text: str, mark: Path) -> str:
    place = chance.choice(["file:///etc/passwd", "http://127.0.0.1:9/x.dmn", "../secret.dmn"])
    part = f'<import name="i" namespace="urn:i" locationURI="{place}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    return re.sub(r"(<definitions[^>]*>)", rf"\1{part}", text, count=1)


def other_function(chance: random.Random, text: str, mark: Path) -> str:
    logic = (
        f'<encapsulatedLogic kind="{chance.choice(["Java", "PMML", "Python"])}">'
        + literal(f'"touch {mark}"')
        + "</encapsulatedLogic>"
    )
    part = f'<businessKnowledgeModel id="evil" name="evil">{logic}</businessKnowledgeModel>'
    return text.replace("<decision ", part + "<decision ", 1)


def unknown_type(chance: random.Random, text: str, mark: Path) -> str:
    return text.replace(
        "<output ", f'<output typeRef="{chance.choice(["tNothing", "os.system", "java.lang.String", "xsd:anyURI"])}" '
    )


def deep_elements(chance: random.Random, text: str, mark: Path) -> str:
    depth = chance.randint(60, 20_000)
    return text.replace("</definitions>", decision("deep", "<list>" * depth + "</list>" * depth) + "</definitions>")


def many(chance: random.Random, text: str, mark: Path) -> str:
    part = chance.choice(
        [
            "<decision id='m{n}' name='m{n}'><literalExpression><text>1</text></literalExpression></decision>",
            "<textAnnotation/>",
        ]
    )
    return text.replace(
        "</definitions>",
        "".join(part.format(n=n) for n in range(130_000 if "text" in part[:5] else 300)) + "</definitions>",
    )


def huge(chance: random.Random, text: str, mark: Path) -> str:
    return text.replace("</definitions>", f"<!--{'x' * (2 * 1024 * 1024 + chance.randint(0, 1000))}--></definitions>")


def unknown_function(chance: random.Random, text: str, mark: Path) -> str:
    return _in_a_text(
        chance, text, chance.choice(["system(1)", "getattr(1, 2)", "random number()", "x(1)", "__import__(1)"])
    )


MUTATIONS: tuple[Mutation, ...] = (
    *(attack, attack, attack, attack_in_its_language, attack_in_its_language, bad_feel, bad_feel, deep_feel, long_feel),
    *(doctype, doctype, entity, cut, unclosed, noise, encoding, unknown_element, foreign_element, renamed_element),
    *(
        unknown_attribute,
        without_attribute,
        duplicate_id,
        dangling,
        dangling,
        cycle,
        wrong_kind,
        hit_policy,
        aggregation,
    ),
    *(lost_cell, version, imported, other_function, unknown_type, deep_elements, many, huge, unknown_function),
)


def corpus(mark: Path) -> Iterator[tuple[str, bytes]]:
    """(what was done, the file), the same ones every time."""
    chance = random.Random(SEED)
    for index in range(COUNT):
        mutation = MUTATIONS[index % len(MUTATIONS)]
        made = mutation(chance, GOOD[index // len(MUTATIONS) % len(GOOD)], mark)
        yield f"{index} {mutation.__name__}", made if isinstance(made, bytes) else made.encode()


class _Watch:
    """What Python itself reports when code is compiled or run, a process started, a connection or a file opened."""

    EVENTS = ("exec", "compile", "os.", "subprocess.", "socket.", "urllib.", "ctypes.", "shutil.", "import")

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and (event.startswith(self.EVENTS) or event == "open"):
            self.seen.append(f"{event} {args!r:.80}")


_WATCH = _Watch()  # a hook cannot be taken away, so there is one


def test_the_good_ones_are_good() -> None:
    for text in GOOD:
        reading = dmn.read("good.dmn", text.encode())
        assert reading.model is not None, reading.problems


def test_the_watch_sees(tmp_path: Path) -> None:
    _WATCH.on = True
    eval("1")
    (tmp_path / "x").write_text("x")
    _WATCH.on = False
    assert any(each.startswith("exec") for each in _WATCH.seen)
    assert any(each.startswith("open") for each in _WATCH.seen)
    _WATCH.seen.clear()


@pytest.mark.slow
def test_each_is_refused_in_words_and_none_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    codes: dict[str, int] = {}
    files = list(corpus(mark))
    assert len(files) == COUNT
    for text in GOOD:
        dmn.read("good.dmn", text.encode())  # whatever is loaded late is loaded now
    for name, data in files:
        _WATCH.seen.clear()
        _WATCH.on = True
        try:
            reading = dmn.read("hostile.dmn", data)
        finally:
            _WATCH.on = False
        assert _WATCH.seen == [], name
        assert reading.model is None, (name, data[:3000])
        first = next(problem for problem in reading.problems if problem.severity == "error")
        assert all(problem.zh and problem.en and problem.zh != problem.en for problem in reading.problems), name
        whole = (
            "encoding",
            "too-large",
            "not-xml",
            "doctype",
            "too-deep",
            "too-many-elements",
            "empty",
            "too-many-attributes",
        )
        assert first.element or first.code in whole, (name, first)
        assert first.line > 0 or first.code in ("too-large", "encoding"), (name, first)
        codes[first.code] = codes.get(first.code, 0) + 1
    assert not mark.exists()
    assert len(codes) >= 15, codes


@pytest.mark.parametrize("text", ATTACKS)
def test_no_place_takes_another_language(text: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    shown = text.format(mark=mark)
    for good in GOOD:
        for found in re.finditer(r"<text>([^<]*)</text>", good):
            assert dmn.read("x.dmn", _swap(good, found, escape(shown), 1).encode()).model is None
    assert not mark.exists()
