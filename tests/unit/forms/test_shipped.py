from pathlib import Path

import pytest

import forms

SCHEMAS = Path(forms.__file__).parent / "schemas"
FORMS = sorted(path for path in SCHEMAS.glob("*/*.json") if path.name != "facts.json")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_shipped_form_loads_and_agrees_with_its_facts(path: Path) -> None:
    loaded = forms.load(path.read_bytes())
    for locale in ("zh", "en"):
        loaded.fields({}, locale)
    facts = path.with_name("facts.json")
    if facts.exists():
        assert loaded.check_against(forms.load_facts(facts.read_bytes())) == []
