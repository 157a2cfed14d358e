"""Files that attack whoever opens them: at the door of XML, and by what they would have the engine do."""

from __future__ import annotations

import gzip
import random
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

from tests.bpmn.corpus.bombs import calls, fork_bomb, growing, legions, loops, times, vendors
from tests.bpmn.corpus.poison import MARK

Attack = Callable[[random.Random, bytes], bytes]

# ---------------------------------------------------------------- XML

ENTITIES = (
    f'<!ENTITY x SYSTEM "file://{MARK}">',
    '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">',
    '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;',
    '<!ENTITY x "' + "lol" * 1000 + '">',
    "<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(12)),
    "<!ELEMENT definitions ANY> <!ATTLIST userTask name CDATA 'x'>",
    '<!NOTATION n SYSTEM "x"> <!ENTITY y SYSTEM "y" NDATA n>',
)


def _body(data: bytes) -> str:
    return data.decode().split("?>", 1)[1]


def doctype(rng: random.Random, data: bytes) -> bytes:
    inside = rng.choice((*ENTITIES, ""))
    outside = rng.choice(("", 'SYSTEM "x.dtd" ', 'PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd" '))
    text = _body(data).replace('id="', f'name="{rng.choice(("&x;", "&l;", "&y;", "n"))}" id="', 1)
    head = rng.choice(
        ("", '<?xml version="1.0"?>\n', "<?xml version='1.0' encoding='UTF-8' standalone='no'?><!-- x -->\n", "\ufeff")
    )
    return f"{head}<!DOCTYPE bpmn:definitions {outside}[{inside}]>{text}".encode()


def xinclude(rng: random.Random, data: bytes) -> bytes:
    made = rng.choice(
        (
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{MARK}" parse="text"/>',
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:9/x"/>',
            '<xi:include xmlns:xi="http://www.w3.org/2003/XInclude" href="file:///etc/hosts" parse="text"/>',
        )
    )
    return data.replace(b"</bpmn:process>", f"{made}</bpmn:process>".encode(), 1)


def encoded(rng: random.Random, data: bytes) -> bytes:
    """Another encoding, with a name that is none of ASCII, and told, not told, or told wrongly."""
    codecs = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "gb18030", "big5", "shift_jis", "latin-1")
    codec = rng.choice(codecs)
    name = {"big5": "漢字", "shift_jis": "漢字", "latin-1": "é", "cp037": "é"}.get(codec, "核实")
    said = (
        codec if codec == "utf-7" else rng.choice((codec, "UTF-8", "ascii", "x-unknown", ""))
    )  # UTF-7 is ASCII to others
    told = data.decode().replace("UTF-8", said)
    return told.replace('id="', f'name="{name}" id="', 1).encode(codec)


def broken_bytes(rng: random.Random, data: bytes) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def nulls(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return (
        data[:at]
        + rng.choice(
            (b"\0", b"\x01", b"\x1b[31m", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"&#0;", b"&#x1F;", b"&#xD800;")
        )
        + data[at:]
    )


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def twice(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice((data, b"<x/>", b"\0", b"<!-- x", b"]]>", b"trailing"))


def packed(rng: random.Random, data: bytes) -> bytes:
    if rng.random() < 0.5:
        return gzip.compress(data * 100, mtime=0)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("process.bpmn"), data)
    return out.getvalue()


def deep(rng: random.Random, data: bytes) -> bytes:
    count = rng.choice((60, 500, 20_000))
    name = rng.choice(("bpmn:subProcess", "bpmn:extensionElements", "x", "bpmn:documentation"))
    middle = "" if rng.random() < 0.5 else f"</{name}>" * count
    return data.replace(b"</bpmn:process>", (f"<{name}>" * count + middle + "</bpmn:process>").encode(), 1)


def wide(rng: random.Random, data: bytes) -> bytes:
    kind = rng.randrange(5)
    if kind == 0:
        more = " ".join(f'a{n}="1"' for n in range(20_000))
        return data.replace(b"<bpmn:process ", f"<bpmn:process {more} ".encode(), 1)
    if kind == 1:
        return data.replace(b"</bpmn:process>", b"<bpmn:task/>" * 6000 + b"</bpmn:process>", 1)
    if kind == 2:
        return data.replace(b"</bpmn:process>", b"<!-- " + b"x" * 2_500_000 + b" --></bpmn:process>", 1)
    if kind == 3:
        return data.replace(b'id="', b'name="' + b"&#65;" * 100_000 + b'" id="', 1)
    spaces = "".join(f' xmlns:p{n}="urn:{n}"' for n in range(3000))
    return data.replace(b"<bpmn:process ", f"<bpmn:process{spaces} ".encode(), 1)


def instructed(rng: random.Random, data: bytes) -> bytes:
    """Instructions to programs, links and hints: harmless where nobody follows them."""
    made = rng.choice(
        (
            '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x.xsl"?>',
            f"<?php system('touch {MARK}'); ?>",
            '<?xml version="1.0"?>',
            "<?import module='os'?>",
        )
    )
    place = rng.choice((b"<bpmn:process ", b"<bpmn:startEvent ", b"<bpmn:definitions "))
    return data.replace(place, made.encode() + place, 1)


def elsewhere(rng: random.Random, data: bytes) -> bytes:
    made = rng.choice(
        (
            '<bpmn:import importType="http://www.w3.org/2001/XMLSchema" location="http://127.0.0.1:9/x.xsd" namespace="u"/>',
            f'<bpmn:import importType="x" location="file://{MARK}" namespace="u"/>',
            '<bpmn:extension mustUnderstand="true" definition="x"/>',
            '<bpmn:relationship type="x"><bpmn:source>S</bpmn:source><bpmn:target>E</bpmn:target></bpmn:relationship>',
        )
    )
    return data.replace(b"<bpmn:process ", made.encode() + b"<bpmn:process ", 1)


def other_language(rng: random.Random, data: bytes) -> bytes:
    """All of the file's expressions said to be in another language."""
    language = rng.choice(
        (
            "http://www.java.com/java",
            "python",
            "http://www.mvel.org/2.0",
            "javascript",
            "juel",
            "http://groovy.codehaus.org",
        )
    )
    return data.replace(b"targetNamespace=", f'expressionLanguage="{language}" targetNamespace='.encode(), 1)


def prefixed(rng: random.Random, data: bytes) -> bytes:
    """Namespaces that are not what they seem."""
    wrong = rng.choice(("20100524/MODEL ", "20100524/Model", "20110701/MODEL", "20100524/MODEL/", "20100524/DI"))
    return data.replace(b"20100524/MODEL", wrong.encode(), rng.choice((1, 2)))


ATTACKS: Mapping[str, Attack] = {
    each.__name__: each
    for each in (
        *(
            doctype,
            xinclude,
            encoded,
            broken_bytes,
            nulls,
            truncated,
            twice,
            packed,
            deep,
            wide,
            instructed,
            elsewhere,
            other_language,
        ),
        *(prefixed, loops, calls, legions, fork_bomb, growing, times, vendors),
    )
}
