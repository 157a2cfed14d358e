"""What a file is, by its content: its name is only a stranger's claim."""

from __future__ import annotations

import io
import unicodedata
import zipfile

from engine import pictures

ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/ofd": ".ofd",
    "video/mp4": ".mp4",
    "text/csv": ".csv",
    "text/plain": ".txt",
}
"""Every type that can be told, and how its names end."""

_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "OFD.xml": "application/ofd",  # GB/T 33190, the layout format of Chinese offices
}
_MOST_MEMBERS = 10_000
_MOST_UNPACKED = 200_000_000
_MOST_NAME = 120


def type_of(content: bytes, name: str = "") -> str | None:
    """The media type of a file; none when it is of no kind we know, holds macros, or is markup that a browser would run."""
    if found := pictures.type_of(content):
        return found
    if content[:5] == b"%PDF-":
        return "application/pdf"
    if content[:4] == b"PK\x03\x04":
        return _type_of_archive(content)
    if content[4:8] == b"ftyp" and content[8:12] in {b"isom", b"mp41", b"mp42", b"avc1", b"iso2", b"iso5", b"qt  "}:
        return "video/mp4"
    return _type_of_text(content, name)


def clean_name(name: str, media_type: str) -> str:
    """A file's name fit to be stored and shown: no path, no invisible letters, not long, ending as its content says."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C").strip(" .")
    ending = ENDINGS[media_type]
    stem, dot, old = name.rpartition(".")
    if not dot or len(old) > 5:
        stem = name
    return (stem[:_MOST_NAME].strip(" .") or "file") + ending


def _type_of_archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return None
    if unpacked > _MOST_UNPACKED:  # a bomb for whoever opens it
        return None
    if len(names) > _MOST_MEMBERS or any(n.lower().endswith("vbaproject.bin") for n in names):
        return None
    return next((media_type for member, media_type in _OFFICE.items() if member in names), None)


def _type_of_text(content: bytes, name: str) -> str | None:
    if not content.strip() or b"\x00" in content:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip()[:1] == "<" or any(
            unicodedata.category(c) == "Cc" and c not in "\r\n\t\f" for c in text[:4096]
        ):
            return None
        return "text/csv" if name.lower().endswith(".csv") else "text/plain"
    return None
