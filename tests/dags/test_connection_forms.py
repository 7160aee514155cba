"""The forms of Airflow's UI for connections of systems: Airflow accepts them, and they ask for what the sources need."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from importlib.resources import files

import jsonschema

from kehu.orchestration.connection_forms import get_provider_info
from kehu.sources.fxiaoke.fxiaoke_tokens import CREDENTIALS as FXIAOKE
from kehu.sources.zoho.zoho_client import CREDENTIALS as ZOHO


def test_airflow_accepts_the_forms() -> None:
    for name in ("provider_info.schema.json",):
        schema = json.loads((files("airflow") / name).read_text(encoding="utf-8"))
        jsonschema.validate(get_provider_info(), schema)


def test_a_form_asks_for_what_the_source_needs_and_hides_secrets() -> None:
    forms = {one["connection-type"]: one["conn-fields"] for one in get_provider_info()["connection-types"]}
    assert tuple(forms["zoho_crm"]) == ZOHO
    assert tuple(forms["fxiaoke"]) == FXIAOKE
    hidden = {name for form in forms.values() for name, field in form.items() if "format" in field["schema"]}
    assert hidden == {"client_secret", "refresh_token", "app_secret", "permanent_code"}


def test_airflow_finds_them() -> None:
    found = [one.value for one in entry_points(group="apache_airflow_provider") if one.dist and one.dist.name == "kehu"]
    assert found == ["kehu.orchestration.connection_forms:get_provider_info"]
