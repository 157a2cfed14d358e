"""Photos and files that come with a form. They are checked and kept before the step, and attached inside it; when the form needs a
change they need not be chosen again: the page carries a signed word for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import current_app, g, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from engine import files
from engine.core import Core
from engine.errors import LiandongError
from engine.queries.files import contents as file_contents
from forms.errors import InvalidAnswers, Problem
from web import lookups

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

    from engine.files import Accepted
    from forms.form import Form

KEPT = "_kept."
"""In front of a field's name: files of an earlier try, as signed words. Forms ignore names that begin so."""


@dataclass(slots=True)
class Sent:
    """The files of a post by form field, and what was wrong with the others."""

    by_field: dict[str, list[Accepted]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def ids(self, name: str) -> list[str]:
        """The ids that answer a field."""
        return [f.id for f in self.by_field.get(name, ())]

    def words(self) -> dict[str, list[tuple[str, Accepted]]]:
        """For drawing the form again: each file with its signed word."""
        return {name: [(_sign(f), f) for f in some] for name, some in self.by_field.items()}


def read(core: Core, form: Form) -> Sent:
    """Take the files of this request's photo and file fields: each is checked, drawn anew if it is a picture, and kept."""
    sent = Sent()
    for name, one in form.properties.items():
        if one.control not in ("photo", "file", "signature") or one.access != "edit":
            continue
        accepted = list(_kept(core, request.form.getlist(KEPT + name)))
        for upload in request.files.getlist(name):
            if not upload.filename:
                continue
            try:
                accepted.append(_accept(core, upload, pictures_only=one.control != "file"))
            except LiandongError as error:
                sent.problems.append(Problem(name, error.text("zh"), error.text("en")))
        unlike = {f.id: f for f in accepted}
        if unlike:
            sent.by_field[name] = list(unlike.values())
    everything = [f for some in sent.by_field.values() for f in some]
    if everything:
        files.keep(core, everything)
    return sent


def answers(form: Form, sent: Sent, posted: Mapping[str, Any]) -> dict[str, Any]:
    """A post's answers with the ids of its files in their fields, and the keys of the rows that look-ups mean. What a file field was said
    to hold otherwise counts for nothing. `check` tells what could not be found."""
    found = dict(posted)
    for name, one in form.properties.items():
        if one.control in ("photo", "file", "signature") and one.access == "edit":
            found.pop(name, None)
            ids = sent.ids(name)
            if ids:
                found[name] = ids if one.type == "array" else ids[0]
    found, problems = lookups.resolve(form, found)
    sent.problems += problems
    return found


def check(form: Form, sent: Sent, found: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> None:
    """Raises InvalidAnswers when a file was refused, with all else that is wrong with the answers: one look shows everything."""
    if not sent.problems:
        return
    problems = list(sent.problems)
    try:
        form.validate(found, known)
    except InvalidAnswers as error:
        named = {p.path for p in problems}
        problems += [p for p in error.problems if p.path not in named]
    raise InvalidAnswers(problems)


def from_request(core: Core, name: str) -> list[Accepted]:
    """The files of one input that belongs to no form."""
    return [_accept(core, upload) for upload in request.files.getlist(name) if upload.filename]


def photos_from_request(core: Core, name: str, most: int = 6) -> list[Accepted]:
    """The same where only photos are taken, and not more than `most`. NotAPicture."""
    chosen = [upload for upload in request.files.getlist(name) if upload.filename]
    return [_accept(core, upload, pictures_only=True) for upload in chosen[:most]]


# ---------------------------------------------------------------- inside


def _accept(core: Core, upload: FileStorage, *, pictures_only: bool = False) -> Accepted:
    accepted = files.accept(core, upload.filename or "", upload.stream.read())
    if pictures_only and not accepted.type.startswith("image/"):
        raise NotAPicture(name=accepted.name)
    return accepted


class NotAPicture(LiandongError):
    """A field for photos got something else."""

    code = "not_a_picture"
    status = 422
    zh = "“{name}”不是照片。"
    en = "“{name}” is not a photo."


def _signer() -> URLSafeSerializer:
    # One person's words are worth nothing to another.
    whose = g.actor.id if g.actor is not None else session.setdefault("visitor", secrets.token_urlsafe(12))
    return URLSafeSerializer(str(current_app.secret_key), salt=f"kept-file-{whose}")


def _sign(file: Accepted) -> str:
    small = files.hash_of(file.thumbnail) if file.thumbnail is not None else None
    word: str | bytes = _signer().dumps([file.name, file.type, file.hash, small])
    return word if isinstance(word, str) else word.decode()


def _kept(core: Core, words: Iterable[str]) -> Iterable[Accepted]:
    for word in list(words)[:20]:
        try:
            name, media_type, hashed, small = _signer().loads(word)
        except (BadSignature, ValueError, TypeError):
            continue
        contents = file_contents(core, {hashed, small or hashed})
        if hashed in contents:
            yield files.Accepted(
                id=hashed.partition(":")[2][:40],
                name=name,
                type=media_type,
                hash=hashed,
                content=contents[hashed],
                thumbnail=contents.get(small) if small else None,
            )
