"""Processes as they are sent: BPMN and DMN files and their forms, as several files or in a ZIP archive; and as they are handed on: a
package, an archive that says in a manifest what is in it, by hashes. Nothing large is unpacked to find out that it is large, and no name
leads out of the archive."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from engine.definitions import bundle_hash
from engine.errors import LiandongError

MOST_FILES = 120
MOST_BYTES = 2 * 1024 * 1024
"""Of one file."""
MOST_IN_ALL = 10 * 1024 * 1024
MANIFEST = "liandong-package.json"
FORMAT = "liandong-package/1"

_CHUNK = 64 * 1024
_OUT = re.compile(r"^/|^[A-Za-z]:|(^|/)\.\.(/|$)")
"""A path that leads out of the archive."""


class BundleRefused(LiandongError):
    """What was sent is no bundle, or too large a one."""

    code = "bundle_refused"
    status = 422
    zh = "不能接收这些文件：{why_zh}。"
    en = "These files cannot be taken: {why_en}."


@dataclass(frozen=True, slots=True)
class Collected:
    """The files that were sent, by bare name, and what the manifest of a package says of them (none: there was none)."""

    files: dict[str, bytes]
    manifest: dict[str, Any] | None = None


def collect(uploads: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files of a bundle by bare name, as `opened` finds them."""
    return opened(uploads).files


def opened(uploads: Iterable[tuple[str, bytes]]) -> Collected:
    """What was sent; archives are unpacked. BundleRefused for what is too large, doubled, encrypted or broken, leads out of the archive, is
    not what its manifest says, and when there is no diagram."""
    found: dict[str, bytes] = {}
    manifest: dict[str, Any] | None = None
    for name, content in uploads:
        if name.lower().endswith(".zip"):
            inside: dict[str, bytes] = {}
            said: bytes | None = None
            for inner, data in _unpack(name, content):
                if inner == MANIFEST and said is None:
                    said = data
                else:
                    _add(inside, inner, data)
            if said is not None:
                manifest = _checked(said, inside)
            for inner, data in inside.items():
                _add(found, inner, data)
        else:
            _add(found, name, content)
    if not any(name.endswith(".bpmn") for name in found):
        raise BundleRefused(why_zh="其中没有 .bpmn 流程图", why_en="there is no .bpmn diagram among them")
    return Collected(dict(sorted(found.items())), manifest)


def check_size(files: Mapping[str, bytes]) -> None:
    """BundleRefused when these are more, or more in all, than a bundle may hold, or have names it may not."""
    found: dict[str, bytes] = {}
    for name, content in files.items():
        if PurePosixPath(name).name != name:
            raise _leads_out(name)
        _add(found, name, content)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive; the same files make the same bytes."""
    return _archive(files, zipfile.ZIP_DEFLATED)


def package(files: Mapping[str, bytes], key: str, version: int, names: Mapping[str, str]) -> bytes:
    """A version as it is handed on, with its manifest: not compressed, so that the same version makes the same bytes on every machine."""
    manifest = {
        "format": FORMAT,
        "process": key,
        "version": version,
        "name": dict(names),
        "hash": bundle_hash(files),
        "files": {name: _hash(content) for name, content in files.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return _archive({**files, MANIFEST: text.encode()}, zipfile.ZIP_STORED)


def package_name(files: Mapping[str, bytes], key: str, version: int) -> str:
    """What the file of a package is called: by process, version and the beginning of its hash."""
    return f"{key}-{version}-{bundle_hash(files).partition(':')[2][:12]}.zip"


# ---------------------------------------------------------------- inside


def _archive(files: Mapping[str, bytes], how: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            archive.writestr(entry, files[name], how)
    return out.getvalue()


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _checked(said: bytes, inside: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest, when the archive holds just what it says."""
    try:
        manifest = json.loads(said)
        listed = manifest["files"] if manifest["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError):
        listed = None
    if not isinstance(listed, dict):
        raise BundleRefused(
            why_zh=f"清单 {MANIFEST} 无法读取，或不是本系统的格式",
            why_en=f"the manifest {MANIFEST} cannot be read, or is of another format",
        )
    for name in sorted({*inside} ^ {*listed}):
        missing = name in listed
        raise BundleRefused(
            why_zh=f"清单中的“{name[:80]}”不在包内" if missing else f"包内的“{name[:80]}”不在清单中",
            why_en=f"“{name[:80]}” of the manifest is missing" if missing else f"“{name[:80]}” is not in the manifest",
        )
    wrong = next((name for name in sorted(inside) if listed[name] != _hash(inside[name])), None)
    if wrong is not None or manifest.get("hash") != bundle_hash(inside):
        name = (wrong or MANIFEST)[:80]
        raise BundleRefused(
            why_zh=f"“{name}”与清单中的散列值不符，可能被改动或损坏",
            why_en=f"“{name}” is not what the manifest's hash says: it was changed or damaged",
        )
    return {str(k): v for k, v in manifest.items()}


def _leads_out(name: str) -> BundleRefused:
    return BundleRefused(
        why_zh=f"“{name[:80]}”的路径指向压缩包之外", why_en=f"the path “{name[:80]}” leads out of the archive"
    )


def _add(found: dict[str, bytes], path: str, content: bytes) -> None:
    path = path.replace("\\", "/")
    if _OUT.search(path) or "\x00" in path:
        raise _leads_out(path.replace("\x00", ""))
    name = PurePosixPath(path).name
    if not name or name.startswith(".") or "__MACOSX" in path:
        return
    if not name.endswith((".bpmn", ".dmn", ".json")) or len(name) > 200 or not name.isprintable():
        raise BundleRefused(
            why_zh=f"“{name[:80]}”不是 .bpmn 流程图、.dmn 决策表或 .json 表单",
            why_en=f"“{name[:80]}” is no .bpmn diagram, .dmn decision file or .json form",
        )
    if name.lower() in {known.lower() for known in found}:  # also where a file system would take them for one
        raise BundleRefused(why_zh=f"“{name}”出现了两次", why_en=f"“{name}” is there twice")
    if len(found) >= MOST_FILES:
        raise BundleRefused(why_zh=f"超过 {MOST_FILES} 个文件", why_en=f"there are more than {MOST_FILES} files")
    if len(content) > MOST_BYTES or sum(map(len, found.values())) + len(content) > MOST_IN_ALL:
        raise _too_large(name)
    found[name] = content


def _unpack(name: str, content: bytes) -> Iterable[tuple[str, bytes]]:
    if len(content) > MOST_IN_ALL:
        raise _too_large(name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > 4 * MOST_FILES:
                raise BundleRefused(
                    why_zh=f"超过 {MOST_FILES} 个文件", why_en=f"there are more than {MOST_FILES} files"
                )
            left = MOST_IN_ALL
            for entry in entries:
                if entry.flag_bits & 1:
                    raise BundleRefused(why_zh="压缩包有密码", why_en="the archive has a password")
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise _leads_out(entry.filename)
                data = _read(archive, entry, min(MOST_BYTES, left))
                left -= len(data)
                yield entry.filename, data
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise BundleRefused(
            why_zh=f"压缩包“{name[:80]}”已损坏", why_en=f"the archive “{name[:80]}” is broken"
        ) from error


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    # Counted while it is read: what the archive says of its sizes may be a lie.
    parts: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while part := stream.read(_CHUNK):
            size += len(part)
            if size > most:
                raise _too_large(entry.filename)
            parts.append(part)
    return b"".join(parts)


def _too_large(name: str) -> BundleRefused:
    return BundleRefused(
        why_zh=f"“{name[:80]}”过大（单个文件 2 MB、合计 10 MB 以内）",
        why_en=f"“{name[:80]}” is too large (2 MB a file, 10 MB in all)",
    )
