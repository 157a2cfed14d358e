"""Changing a form's document by settings instead of JSON: kinds of fields, what is set on one, when it is shown, the facts kept in step.
Whatever these do not know in a document stays as it stands there, and `written` leaves the text around a change as it was."""

from forms.editing.document import NoSuchField, add, find, move, names_in, parent_of, put, remove, retitle
from forms.editing.facts import in_step
from forms.editing.kinds import KINDS, Kind, kind_of
from forms.editing.settings import Option, Settings, changed, settings_of
from forms.editing.when import When, show_when, shown_when, unmentioned, without_conditions
from forms.editing.writing import written

__all__ = [
    "KINDS",
    "Kind",
    "NoSuchField",
    "Option",
    "Settings",
    "When",
    "add",
    "changed",
    "find",
    "in_step",
    "kind_of",
    "move",
    "names_in",
    "parent_of",
    "put",
    "remove",
    "retitle",
    "settings_of",
    "show_when",
    "shown_when",
    "unmentioned",
    "without_conditions",
    "written",
]
