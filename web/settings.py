"""What the environment says: which database, which address, which secret. Everything else is a row of the table `setting`."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from engine.secret_files import read_or_make

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is the owner's: it migrates, backs up and restores. `app_database_url` is what pages and workers open: the same,
    or one of a role that may read and write rows only (PostgreSQL)."""

    database_url: str
    app_database_url: str
    host: str
    port: int
    secret_file: Path

    @property
    def app_role(self) -> str | None:
        """The application's role on PostgreSQL, when it has one of its own."""
        return make_url(self.app_database_url).username if self.app_database_url != self.database_url else None

    def secret(self) -> bytes:
        """What signs pages' tokens: from LIANDONG_SECRET, else from a file that is made once and only its owner reads."""
        given = os.environ.get("LIANDONG_SECRET", "")
        if given:
            return given.encode()
        return read_or_make(self.secret_file, lambda: secrets.token_hex(32).encode())


def from_environment() -> Settings:
    """DATABASE_URL (default: an SQLite file under ./var), APP_DATABASE_URL, HOST, PORT, LIANDONG_SECRET or LIANDONG_SECRET_FILE."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'liandong.db'}"
    url = _with_driver(url)
    in_file = make_url(url).database if url.startswith("sqlite") else None
    if in_file and in_file != ":memory:":
        Path(in_file).parent.mkdir(parents=True, exist_ok=True)
    return Settings(
        database_url=url,
        app_database_url=_with_driver(os.environ.get("APP_DATABASE_URL") or url),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        secret_file=Path(os.environ.get("LIANDONG_SECRET_FILE", VAR / "secret")),
    )


def identity_database_url() -> str | None:
    """IDENTITY_DATABASE_URL: the same database as the role that may read who reported (PostgreSQL only)."""
    url = os.environ.get("IDENTITY_DATABASE_URL")
    return _with_driver(url) if url else None


def identity_role() -> str | None:
    """The role it names."""
    url = identity_database_url()
    return make_url(url).username if url is not None else None


def _with_driver(url: str) -> str:
    """As people write it, postgres:// or postgresql://, for the one driver that is installed."""
    for start in ("postgres://", "postgresql://"):
        if url.startswith(start):
            return "postgresql+psycopg://" + url.removeprefix(start)
    return url
