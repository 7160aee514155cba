"""The vars that dbt gets: the run's, the settings', and those of the company (``vars:`` in ``sources.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from kehu.errors import ConfigurationError, nearest
from kehu.ops.tables import candidate_schema
from kehu.pipeline.var_types import check_variables
from kehu.settings import Settings
from kehu.sources.config import SOURCE_RULES

_OF_A_RUN = frozenset({"as_of_date", "release_id", "candidate_schema"})
RESERVED = frozenset(
    {"as_of_date", "release_id", "candidate_schema", "timezone", "reporting_currency", "segmentations", SOURCE_RULES}
)


def state_variables(settings: Settings, company: Mapping[str, object]) -> dict[str, object]:
    """The vars that the state may depend on: everything but the run's own.

    Raises:
        ConfigurationError: ``sources.yml`` sets a var that the dbt project does not know, one that Kehu sets itself, or
            one to a value that is not of its type or not in its range.
    """
    known = declared_variables(settings)
    rules = {name: value for name, value in company.items() if name == SOURCE_RULES and isinstance(value, Mapping)}
    company = {name: value for name, value in company.items() if name not in rules}
    for name in company:
        if name in RESERVED:
            raise ConfigurationError(
                "this var is set by Kehu itself",
                fix="remove it from vars; see KEHU_TIMEZONE and KEHU_CURRENCY",
                var=name,
            )
        if name not in known:
            raise ConfigurationError(
                "the dbt project has no such var",
                fix="see vars in dbt_project/dbt_project.yml",
                file=settings.sources.name,
                var=name,
                nearest=nearest(name, known),
            )
    check_variables(settings.dbt_project, company, {**known, **company}, settings.sources.name)
    return {**company, **rules, "timezone": settings.timezone, "reporting_currency": settings.currency}


def dbt_variables(settings: Settings, release_id: str, as_of: date, company: Mapping[str, object]) -> dict[str, object]:
    """All vars of a run."""
    return {
        **state_variables(settings, company),
        "as_of_date": as_of.isoformat(),
        "release_id": release_id,
        "candidate_schema": candidate_schema(release_id),
        "segmentations": segmentations(settings.dbt_project),
    }


def effective_variables(settings: Settings, company: Mapping[str, object]) -> dict[str, object]:
    """Every var that does not belong to one run, with the value that the models see."""
    known = {**declared_variables(settings), **state_variables(settings, company)}
    return {name: value for name, value in known.items() if name not in _OF_A_RUN}


def segmentations(dbt_project: Path) -> list[str]:
    """The segmentations that have a model of their own: a file is enough, nobody lists it."""
    files = (dbt_project / "models" / "scored" / "segmentations").glob("segmentation_*.sql")
    return sorted(file.stem.removeprefix("segmentation_") for file in files)


def declared_variables(settings: Settings) -> dict[str, object]:
    """The vars that ``dbt_project.yml`` declares, with their defaults."""
    project = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))
    declared = dict(project.get("vars", {}))
    return {**{k: v for k, v in declared.items() if not isinstance(v, dict)}, **declared.get("kehu", {})}
