"""`python -m tests.manual`: the pictures of the journey (`pytest tests/browser/test_manual.py -m "long or not long"` took them) become
those of the manual: smaller files of the same size in pixels."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from web import manual

TAKEN = Path(__file__).resolve().parents[1] / "var" / "screenshots"
QUALITY = 55


def main() -> int:
    """Put them there; answers 1 where one was not taken."""
    manual.PICTURES.mkdir(parents=True, exist_ok=True)
    missing = [name for name in sorted(manual.pictures()) if not _taken(name).exists()]
    for name in missing:
        sys.stderr.write(f"{_taken(name)} is missing\n")
    if missing:
        return 1
    for name in manual.pictures():
        with Image.open(_taken(name)) as picture:
            picture.convert("RGB").save(manual.PICTURES / name, "WEBP", quality=QUALITY, method=6)
    return 0


def _taken(name: str) -> Path:
    return TAKEN / f"manual-{Path(name).stem}.png"


if __name__ == "__main__":
    sys.exit(main())
