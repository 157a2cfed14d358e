"""Scripts and styles that Vite built: their addresses hold a hash of their content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

DIST = Path(__file__).resolve().parent / "static" / "dist"


class Assets:
    """The manifest of a build. Without a build pages work, unstyled."""

    def __init__(self, folder: Path = DIST) -> None:
        self._manifest_file = folder / "manifest.json"
        self._read_at: float | None = None
        self._manifest: dict[str, Any] = {}

    def tags(self, name: str) -> Markup:
        """The elements that load an entry: `tags("main")` for `src/main.ts`, with the styles it imports."""
        chunk = self._chunk(name)
        if chunk is None:
            return Markup("")
        styles = [
            Markup('<link rel="stylesheet" href="{}">').format(self._url(file)) for file in self._styles(chunk, set())
        ]
        script = Markup('<script type="module" src="{}"></script>').format(self._url(chunk["file"]))
        return Markup("\n").join([*styles, script])

    def url(self, name: str) -> str:
        """The address of one file: `main.js`, `main.css`; empty when it was not built."""
        stem, _, kind = name.rpartition(".")
        chunk = self._chunk(stem)
        if chunk is None:
            return ""
        if kind == "css":
            styles = self._styles(chunk, set())
            return self._url(styles[-1]) if styles else ""
        return self._url(chunk["file"])

    def _chunk(self, name: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._read().get(f"src/{name}.ts")
        return found

    def _styles(self, chunk: dict[str, Any], seen: set[str]) -> list[str]:
        found: list[str] = []
        for other in chunk.get("imports", ()):
            if other not in seen:
                seen.add(other)
                found += self._styles(self._manifest[other], seen)
        return [*found, *(f for f in chunk.get("css", ()) if f not in found)]

    def _read(self) -> dict[str, Any]:
        try:
            changed = self._manifest_file.stat().st_mtime
        except OSError:
            return {}
        if changed != self._read_at:
            self._manifest = json.loads(self._manifest_file.read_text())
            self._read_at = changed
        return self._manifest

    @staticmethod
    def _url(file: str) -> str:
        return str(escape(f"/static/dist/{file}"))
