"""How identity compares addresses, telephone numbers and ids, read from the macros of the dbt project: one rule, not two."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader

from kehu.settings import PROJECT_ROOT

_MACROS = PROJECT_ROOT / "dbt_project" / "macros"


def cleaned_email(value: str) -> str:
    """SQL of what of a text is an e-mail address, as the macro of the same name says."""
    return f"({_macro('identity/normalised_email.sql', 'cleaned_email')(value).strip()})"


def dialled_digits(value: str) -> str:
    """SQL of what of a telephone number is dialled, as the macro of the same name says."""
    return f"({_macro('identity/normalised_phone.sql', 'dialled_digits')(value).strip()})"


def cleaned_id(value: str) -> str:
    """SQL of a source's own id as staging means it; null if nothing is left.

    Staging takes the ``.0`` off ids that are whole numbers otherwise, batch by batch; here it goes wherever it stands.
    """
    whole = _macro("staging/cleaned_text.sql", "trimmed_whole")(value).strip()
    plain = _macro("staging/cleaned_text.sql", "unguarded")(whole).strip()
    return f"nullif(regexp_replace({plain}, '^(-?[0-9]+)[.]0$', '\\1'), '')"


@cache
def _macro(file: str, name: str) -> Any:
    """A macro that needs nothing of dbt but ``replaced_all``, which here is DuckDB's."""
    environment = Environment(loader=FileSystemLoader(_MACROS), autoescape=False)  # noqa: S701 - it makes SQL
    environment.globals["replaced_all"] = "regexp_replace({}, '{}', '{}', 'g')".format
    return getattr(environment.get_template(file).module, name)
