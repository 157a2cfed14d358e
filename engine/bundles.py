"""Processes as they are sent: BPMN and DMN files and their forms, as several files or in a ZIP archive. Nothing large is unpacked to
find out that it is large."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from engine.errors import LiandongError

MOST_FILES = 120
MOST_BYTES = 2 * 1024 * 1024
"""Of one file."""
MOST_IN_ALL = 10 * 1024 * 1024

_CHUNK = 64 * 1024


class BundleRefused(LiandongError):
    """What was sent is no bundle, or too large a one."""

    code = "bundle_refused"
    status = 422
    zh = "不能接收这些文件：{why_zh}。"
    en = "These files cannot be taken: {why_en}."


def collect(uploads: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files of a bundle by bare name; archives are unpacked. BundleRefused for what is too large, doubled, encrypted or broken,
    and when there is no diagram."""
    found: dict[str, bytes] = {}
    for name, content in uploads:
        if name.lower().endswith(".zip"):
            for inner, data in _unpack(name, content):
                _add(found, inner, data)
        else:
            _add(found, name, content)
    if not any(name.endswith(".bpmn") for name in found):
        raise BundleRefused(why_zh="其中没有 .bpmn 流程图", why_en="there is no .bpmn diagram among them")
    return dict(sorted(found.items()))


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


# ---------------------------------------------------------------- inside


def _add(found: dict[str, bytes], path: str, content: bytes) -> None:
    name = PurePosixPath(path.replace("\\", "/")).name
    if not name or name.startswith(".") or "__MACOSX" in path:
        return
    if not name.endswith((".bpmn", ".dmn", ".json")) or len(name) > 200 or not name.isprintable():
        raise BundleRefused(
            why_zh=f"“{name[:80]}”不是 .bpmn 流程图、.dmn 决策表或 .json 表单",
            why_en=f"“{name[:80]}” is no .bpmn diagram, .dmn decision file or .json form",
        )
    if name in found:
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
                data = _read(archive, entry, min(MOST_BYTES, left))
                left -= len(data)
                yield entry.filename, data
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
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
