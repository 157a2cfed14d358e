"""Files meant to harm: nothing is executed, nothing crashes, nothing hangs, each is refused in words."""

from __future__ import annotations

import random
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bpmn import limits
from engine.bpmn.reading import read
from tests.bpmn.drawing import (
    CANDIDATES,
    DECLARED,
    HEAD,
    boundary,
    chain,
    codes,
    compensation,
    conditional,
    end,
    error,
    errors,
    ext,
    flow,
    handler,
    link,
    message,
    process,
    signal,
    simple,
    start,
    sub,
    tag,
    throw,
    timer,
    user,
)
from tests.bpmn.drawing import catch as catch_

GOOD = simple().decode()
BODY = GOOD.split("\n", 1)[1]
DOCTYPE = '<!DOCTYPE bpmn:definitions [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE lolz [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(12)
)


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\0", "encoding"),
        (GOOD.replace('id="A"', 'id="A\0"').encode(), "encoding"),
        (GOOD.encode("utf-16"), "encoding"),
        (GOOD.encode("utf-16-le"), "encoding"),
        (GOOD.encode("utf-16-be"), "encoding"),
        (GOOD.encode("utf-32"), "encoding"),
        (GOOD.replace('id="A"', 'id="A" name="核实"').encode("gb18030"), "encoding"),
        (GOOD.replace("UTF-8", "GBK").encode(), "encoding"),
        (GOOD.replace("UTF-8", "UTF-7").encode(), "encoding"),
        (GOOD.replace("UTF-8", "cp037").encode("cp037"), "encoding"),
        (f"<?xml version='1.0'?>{DOCTYPE}{BODY}".encode(), "doctype"),
        (f"{DOCTYPE}{BODY}".encode(), "doctype"),
        (b"\xef\xbb\xbf" + f"<!-- x -->{DOCTYPE}{BODY}".encode(), "doctype"),
        (f"<?xml version='1.0'?>{DOCTYPE}{BODY}".encode("utf-16"), "encoding"),
        (f"<?xml version='1.0' encoding='utf-16'?>{DOCTYPE}{BODY}".encode("utf-16-le"), "encoding"),
        (f"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x>{BODY}".encode(), "encoding"),
        (f"{LAUGHS}]><bpmn>&l;</bpmn>".encode(), "doctype"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>', "doctype"),
        (GOOD.replace("</bpmn:process>", "&undefined;</bpmn:process>").encode(), "not-xml"),
        (GOOD.replace("</bpmn:process>", "&#0;</bpmn:process>").encode(), "not-xml"),
        (GOOD.replace("</bpmn:process>", "").encode(), "not-xml"),
        (GOOD.encode()[:-7], "not-xml"),
        (GOOD.encode() + b"<x/>", "not-xml"),
        (b"<a>" * 100_000, "too-deep"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "too-deep"),
        (b'<a b="' + b"<" * 1000 + b'"/>', "not-xml"),
        (b"<a " + b" ".join(b'b%d="1"' % n for n in range(50_000)) + b"/>", "too-many-attributes"),
        (b"x" * (limits.MAX_BYTES + 1), "too-large"),
        (b"PK\x03\x04 not a bpmn", "not-xml"),
        (b"{}", "not-xml"),
        (b"<html><body/></html>", "not-bpmn"),
        (GOOD.replace("20100524/MODEL", "20040101/MODEL").encode(), "not-bpmn"),
        (process(*(tag("textAnnotation") for _ in range(limits.MAX_ELEMENTS))), "too-many-elements"),
        (simple("<bpmn:subProcess>" * 49 + "</bpmn:subProcess>" * 49), "too-deep"),
        (simple(tag("import", importType="x", location="http://127.0.0.1:9/", namespace="y")), "schema"),
    ],
)
def test_refused_at_the_door(data: bytes, code: str) -> None:
    reading = read("t.bpmn", data)
    assert reading.process is None
    assert code in {problem.code for problem in reading.problems}, reading.problems


def test_a_doctype_that_is_only_text_is_fine() -> None:
    assert (
        read("t.bpmn", simple(inside="<bpmn:documentation><![CDATA[<!DOCTYPE x>]]></bpmn:documentation>")).process
        is None
    )
    quoted = "<bpmn:documentation><![CDATA[<!DOCTYPE x>]]></bpmn:documentation>"
    assert read("t.bpmn", process(quoted, start(), user(), end(), chain("S", "A", "E"))).process is not None


def test_an_import_at_the_root_is_refused() -> None:
    data = simple().replace(
        b'<bpmn:process id="P"',
        b'<bpmn:import importType="x" location="http://127.0.0.1:9/" namespace="y"/><bpmn:process id="P"',
    )
    assert "unsupported" in codes(data)


ATTACKS = [
    "__import__('os').system('touch {mark}')",
    "().__class__.__base__.__subclasses__()",
    "open('{mark}', 'w')",
    "${{''.getClass().forName('java.lang.Runtime')}}",
    "#{{T(java.lang.Runtime).getRuntime().exec('touch {mark}')}}",
    "import os; os.system('touch {mark}')",
    "lambda: 1",
    "f'{{x}}'",
    "(function() {{ return this }})()",
    "exec(\"open('{mark}','w')\")",
    "x := 1",
    "{{{{ x }}}}",
]


def sites(attack: str) -> dict[str, bytes]:
    """A file for each place of a definition where an engine would evaluate something."""
    listed = tag("loopDataInputRef", "units")

    def around(node: str) -> bytes:
        return process(start(), user(), node, end(), chain("S", "A", "X", "E"))

    def catch(time: str, kind: str = "timeDuration") -> bytes:
        return around(tag("intermediateCatchEvent", timer(time, kind), id="X"))

    def multi(inside: str) -> bytes:
        return around(user("X", tag("multiInstanceLoopCharacteristics", inside)))

    def declaring(node: str) -> bytes:
        return process(start(), user(), node, end(), chain("S", "A", "X", "E"), before=DECLARED)

    text = attack.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    gateway = tag("exclusiveGateway", id="X", default="X-E")
    return {
        "condition": process(
            start(), user(), gateway, end(), end("F"), chain("S", "A", "X", "E"), flow("X", "F", attack)
        ),
        "inclusive condition": process(
            start(),
            user(),
            gateway.replace("exclusive", "inclusive"),
            end(),
            end("F"),
            chain("S", "A", "X", "E"),
            flow("X", "F", attack),
        ),
        "task condition": process(
            start(), user(default="A-E"), end(), end("F"), chain("S", "A", "E"), flow("A", "F", attack)
        ),
        "duration": catch(attack),
        "date": catch(attack, "timeDate"),
        "cycle": catch(attack, "timeCycle"),
        "duration expression": catch("=" + attack),
        "boundary": simple(boundary("A", inside=timer("=" + attack)), end("F"), flow("B", "F")),
        "script": around(tag("scriptTask", tag("script", text), id="X", scriptFormat="feel")),
        "python script": around(tag("scriptTask", tag("script", text), id="X", scriptFormat="python")),
        "cardinality": multi(tag("loopCardinality", text)),
        "collection": multi(tag("loopDataInputRef", text)),
        "item": multi(listed + tag("inputDataItem", id="i", name=attack)),
        "completion": multi(listed + tag("completionCondition", text)),
        "pre script": around(
            tag(
                "task",
                ext(f'<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">{text}</s:preScript>'),
                id="X",
            )
        ),
        "candidates": simple(settings=f'<ld:candidates post="={text}"/>'),
        "clock": simple(settings=CANDIDATES + f'<ld:clock id="c" budget="={text}" unit="work_day"/>'),
        "lookup": around(tag("businessRuleTask", ext(f'<ld:lookup register="r" match="={text}" into="x"/>'), id="X")),
        "action": around(tag("serviceTask", ext(f'<ld:action name="notify" to="={text}"/>'), id="X")),
        "service": around(tag("serviceTask", ext('<ld:action name="n"/>'), id="X", camunda__expression=attack)),
        "loop condition": around(user("X", tag("standardLoopCharacteristics", tag("loopCondition", text)))),
        "ad hoc": around(tag("adHocSubProcess", user("u") + tag("completionCondition", text), id="X")),
        "conditional event": around(
            tag("intermediateCatchEvent", tag("conditionalEventDefinition", tag("condition", text)), id="X")
        ),
        "correlation": simple().replace(
            b'<bpmn:process id="P"',
            (
                '<bpmn:message id="M"/><bpmn:correlationProperty id="cp"><bpmn:correlationPropertyRetrievalExpression '
                f'messageRef="M"><bpmn:messagePath>{text}</bpmn:messagePath>'
                '</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty><bpmn:process id="P"'
            ).encode(),
        ),
        "activation": process(
            start(),
            tag("parallelGateway", id="G"),
            user("a"),
            user("b"),
            tag("complexGateway", tag("activationCondition", text), id="X"),
            end(),
            chain("S", "G", "a", "X", "E"),
            chain("G", "b", "X"),
        ),
        "behaviour": multi(
            listed
            + tag(
                "complexBehaviorDefinition",
                tag("condition", text) + tag("event", tag("signalEventDefinition", signalRef="S1")),
            )
        ).replace(
            b"<bpmn:multiInstanceLoopCharacteristics", b'<bpmn:multiInstanceLoopCharacteristics behavior="Complex"'
        ),
        "event condition": declaring(catch_("X", conditional("=" + attack))),
        "message key": declaring(catch_("X", ext(f'<ld:message correlation="={text}"/>') + message())),
        "message result": declaring(catch_("X", ext(f'<ld:message result="={text}"/>') + message())),
        "message payload": declaring(throw("X", ext(f'<ld:message payload="={text}"/>') + message())),
        "message name": declaring(catch_("X", message())).replace(b'name="order"', f'name="={text}"'.encode()),
        "signal name": declaring(catch_("X", signal())).replace(b'name="flood"', f'name="={text}"'.encode()),
        "called process": around(tag("callActivity", id="X", calledElement="=" + attack)),
        "call input": around(tag("callActivity", ext(f'<ld:call input="={text}"/>'), id="X", calledElement="o")),
        "call output": around(tag("callActivity", ext(f'<ld:call output="={text}"/>'), id="X", calledElement="o")),
        "action result": around(tag("serviceTask", ext(f'<ld:action name="n" result="={text}"/>'), id="X")),
        "data key": around(user("X")).replace(
            b"<bpmn:startEvent",
            tag("dataObject", ext(f'<ld:data key="{text}"/>'), id="D1").encode() + b"<bpmn:startEvent",
        ),
        "transformation": around(
            user(
                "X",
                tag("ioSpecification", tag("dataInput", id="given") + tag("inputSet") + tag("outputSet"))
                + tag("dataInputAssociation", tag("targetRef", "given") + tag("transformation", text)),
            )
        ),
        "assignment": simple(
            inside=tag(
                "dataInputAssociation", tag("targetRef", "A") + tag("assignment", tag("from", text) + tag("to", "x"))
            )
        ),
    }


class _Watch:
    """What Python itself reports when code is compiled or run, a process started, a connection or a file opened."""

    EVENTS = ("exec", "compile", "os.", "subprocess.", "socket.", "urllib.", "ctypes.", "shutil.")

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and (event.startswith(self.EVENTS) or (event == "open" and args[1] not in ("r", "rb"))):
            self.seen.append(f"{event} {args!r:.80}")


_WATCH = _Watch()  # a hook cannot be taken away, so there is one


@pytest.fixture
def watch() -> Iterator[_Watch]:
    for data in sites("1 +").values():  # whatever is loaded late is loaded now
        read("t.bpmn", data)
    _WATCH.seen.clear()
    yield _WATCH
    _WATCH.on = False


def test_the_watch_sees(watch: _Watch) -> None:
    watch.on = True
    eval("1")
    watch.on = False
    assert watch.seen


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_expression_site_takes_another_language(attack: str, tmp_path: Path, watch: _Watch) -> None:
    mark = tmp_path / "mark"
    for site, data in sites(attack.format(mark=mark)).items():
        watch.on = True
        reading = read("t.bpmn", data)
        watch.on = False
        assert reading.process is None, site
        problem = errors(reading)[0]
        assert problem.zh, site
        assert problem.en, site
        assert problem.line > 0, (site, problem)
    assert not mark.exists()
    assert watch.seen == []


def test_a_comment_does_not_cut_an_expression() -> None:
    """`true<!-- --> and false` is one expression; a reader that takes the text before the comment reads `true`."""
    gateway = tag("exclusiveGateway", id="X", default="X-E")
    data = process(start(), user(), gateway, end(), end("F"), chain("S", "A", "X", "E"), flow("X", "F", "MARK"))
    data = data.replace(b"MARK", b"urgent<!-- x --> = true<?pi x?> and <![CDATA[1 < 2]]>")
    reading = read("t.bpmn", data)
    assert reading.process is not None
    assert reading.process.flows["X-F"].condition == "urgent = true and 1 < 2"


def test_documentation_is_no_part_of_an_expression() -> None:
    gateway = tag("exclusiveGateway", id="X", default="X-E")
    data = process(start(), user(), gateway, end(), end("F"), chain("S", "A", "X", "E"), flow("X", "F", "MARK"))
    reading = read("t.bpmn", data.replace(b"MARK", b"<bpmn:documentation>not(</bpmn:documentation>a = 1"))
    assert reading.process is not None
    assert reading.process.flows["X-F"].condition == "a = 1"


def test_what_a_vendor_keeps_is_not_taken_for_the_thing() -> None:
    fake = '<v:x xmlns:v="urn:v">' + timer("PT5M") + tag("terminateEventDefinition") + "</v:x>"
    catch = tag("intermediateCatchEvent", ext(fake) + timer("PT2H"), id="X")
    reading = read("t.bpmn", process(start(), catch, end(), chain("S", "X", "E")))
    assert reading.process is not None
    found = reading.process.nodes["X"].events[0].timer
    assert found is not None
    assert found.value.text == "PT2H"


def test_no_number_of_warnings_hides_an_error() -> None:
    noise = "".join(f'<camunda:odd{n} id="x"/>' for n in range(300))
    data = simple(tag("adHocSubProcess", id="X"), settings=CANDIDATES + noise)
    reading = read("t.bpmn", data)
    assert reading.process is None
    assert "unsupported" in {problem.code for problem in reading.problems}


def test_nothing_is_fetched() -> None:
    """A schema location asks the reader to load a schema from anywhere."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        place = f"http://127.0.0.1:{server.getsockname()[1]}/x.xsd"
        data = simple().replace(b"targetNamespace=", f'xsi:schemaLocation="urn:x {place}" targetNamespace='.encode())
        assert read("t.bpmn", data).process is not None
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_schema_location_is_not_read(tmp_path: Path) -> None:
    schema = tmp_path / "x.xsd"
    schema.write_text("this is no schema")
    data = simple().replace(b"targetNamespace=", f'xsi:schemaLocation="urn:x {schema}" targetNamespace='.encode())
    assert read("t.bpmn", data).problems == ()


def test_markup_in_names_stays_text() -> None:
    name = "<script>alert(1)</script>{{7*7}}'\"&"
    reading = read("t.bpmn", simple(name=name))
    assert reading.process is not None
    assert reading.process.nodes["A"].names.zh == name


def test_a_long_chain() -> None:
    def chained(count: int) -> bytes:
        ids = [f"A{n}" for n in range(count)]
        return process(start(), *(user(id_) for id_ in ids), end(), chain("S", *ids, "E"))

    assert read("t.bpmn", chained(298)).process is not None
    assert "too-long" in codes(chained(299))
    assert "too-long" in codes(chained(1200))


def test_a_wide_file_is_quick() -> None:
    """Hundreds of flows between hundreds of nodes: the checks stay near linear."""
    count = 400
    parts = [start(), end(), tag("exclusiveGateway", id="G", default="G-E"), flow("S", "G"), flow("G", "E")]
    for n in range(count):
        parts += [user(f"A{n}"), flow("G", f"A{n}", f"x = {n}", id_=""), flow(f"A{n}", "G", id_="")]
    began = time.monotonic()
    assert read("t.bpmn", process(*parts)).process is not None
    assert time.monotonic() - began < 20


def _mutated(rng: random.Random, data: bytes) -> bytes:
    """A file broken at random: bytes, lines, attributes, ids and texts changed, doubled, swapped or cut."""
    text = data.decode()
    for _ in range(rng.randint(1, 6)):
        lines = text.split("\n")
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(9):
            case 0:
                lines[at], lines[other] = lines[other], lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                del lines[at]
            case 3:
                lines[at] = lines[at].replace(rng.choice("SAEGU"), rng.choice("SAEGUX"), 1)
            case 4:
                lines[at] = lines[at].replace(
                    '="', '="' + rng.choice(["${", "=", "𠀀", "&#x202e;", "-", "\u00a0", ":"]), 1
                )
            case 5:
                cut = rng.randrange(len(lines[at]) + 1)
                lines[at] = (
                    lines[at][:cut] + rng.choice(["", "<", "&", "]]>", "\x01", "<!--", "<![CDATA["]) + lines[at][cut:]
                )
            case 6:
                tags = [
                    "userTask",
                    "subProcess",
                    "exclusiveGateway",
                    "parallelGateway",
                    "startEvent",
                    "endEvent",
                    "lane",
                    "boundaryEvent",
                    "intermediateCatchEvent",
                    "intermediateThrowEvent",
                    "receiveTask",
                    "callActivity",
                    "eventBasedGateway",
                    "complexGateway",
                    "transaction",
                    "messageEventDefinition",
                    "timerEventDefinition",
                    "linkEventDefinition",
                    "compensateEventDefinition",
                    "cancelEventDefinition",
                ]
                lines[at] = lines[at].replace(rng.choice(tags), rng.choice(tags))
            case 7:
                attacks = ["1/0", "a" * 5000, "((((((((((" * 300, "P99999999999M", "not(" * 500, '"' * 99, "٣", "NaN"]
                lines[at] = lines[at].replace(">", ">" + rng.choice(attacks), 1)
            case _:
                lines[at] = lines[at] * rng.randint(2, 40)
        text = "\n".join(lines)
    broken = bytearray(text.encode("utf-8", "surrogatepass"))
    if rng.random() < 0.2 and broken:
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def _rich() -> bytes:
    """A file with something of everything."""
    over = tag("loopDataInputRef", "units") + tag("inputDataItem", id="i", name="unit")
    return process(
        tag("laneSet", tag("lane", tag("flowNodeRef", "A"), id="L", name="科室"), id="LS"),
        tag("dataObject", id="report"),
        start(),
        start("M", message()),
        user("A", settings=CANDIDATES + '<ld:clock id="c" budget="=x" unit="work_day"/>', name="核实"),
        boundary("A", cancelActivity="false"),
        end("F", signal()),
        flow("B", "F"),
        tag("exclusiveGateway", id="G", default="G-U"),
        sub("U", start("s"), user("u"), end("e", error()), chain("s", "u", "e")),
        tag("boundaryEvent", error(), id="BE", attachedToRef="U"),
        tag("boundaryEvent", compensation(), id="BC", attachedToRef="A"),
        tag("task", id="undo", isForCompensation="true"),
        tag("scriptTask", tag("script", "{ n: n + 1 }"), id="X", scriptFormat="feel"),
        tag("eventBasedGateway", id="EG"),
        catch_("C1", ext('<ld:message correlation="=n" result="={n: payload.n}"/>') + message("M2")),
        catch_("C2", timer("R3/PT1H", "timeCycle")),
        throw("T1", link()),
        catch_("T2", link()),
        tag("callActivity", ext('<ld:call input="={n: n}"/>'), id="Z", calledElement="other"),
        user(
            "Y",
            tag(
                "multiInstanceLoopCharacteristics",
                over + tag("completionCondition", "loopCounter > 2".replace(">", "&gt;")),
            ),
        ),
        end(),
        handler("H", conditional("n > 3"), isInterrupting="false"),
        flow("M", "A"),
        chain("S", "A", "G", "U", "X", "EG", "C1", "T1"),
        chain("EG", "C2", "Z", "Y", "E"),
        chain("BE", "X"),
        chain("T2", "E"),
        flow("G", "A", "again = true"),
        tag("association", id="as", sourceRef="BC", targetRef="undo"),
        before=DECLARED,
    )


def test_hundreds_of_broken_files() -> None:
    rng = random.Random(20260501)
    good = _rich()
    assert read("t.bpmn", good).process is not None
    refused = 0
    for _ in range(300):
        data = _mutated(rng, good)
        began = time.monotonic()
        reading = read("t.bpmn", data)
        assert time.monotonic() - began < 5
        if reading.process is None:
            refused += 1
            assert all(problem.zh and problem.en for problem in errors(reading))
            assert errors(reading)
    assert refused > 200


def test_deep_xml_in_a_small_stack() -> None:
    """Read where little of the recursion limit is left, as under a web server."""
    data = process(
        start(), *(user(f"A{n}") for n in range(250)), end(), chain("S", *(f"A{n}" for n in range(250)), "E")
    )

    def down(depth: int) -> bool:
        return read("t.bpmn", data).process is not None if depth == 0 else down(depth - 1)

    assert down(sys.getrecursionlimit() - 300)


def test_head_is_what_the_tests_think() -> None:
    assert "</bpmn:definitions>" in GOOD
    assert HEAD.startswith("<?xml")
