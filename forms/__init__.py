"""Is this answer valid for this form? The lowest package: it knows nothing of processes, databases or pages."""

from forms.errors import FormProblem, FormsError, InvalidAnswers, Problem
from forms.facts import Fact, FactsSchema, load_facts
from forms.fields import Condition, DrawnChoice, Field
from forms.form import Form, load
from forms.rights import RIGHTS, at_step

__all__ = [
    "RIGHTS",
    "Condition",
    "DrawnChoice",
    "Fact",
    "FactsSchema",
    "Field",
    "Form",
    "FormProblem",
    "FormsError",
    "InvalidAnswers",
    "Problem",
    "at_step",
    "load",
    "load_facts",
]
