"""What a suite may leave open until the run: the as-of day, the checked schema, the vars in force, the values of seeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)\s*(?:(?P<sign>[+-])\s*(?P<days>\d{1,5}))?\s*\}")
_SEED = re.compile(r"(?P<seed>[a-z][a-z0-9_]*)\.(?P<column>[a-z][a-z0-9_]*)")
_NAMES = ("as_of_date", "schema", "batch", "replaced_batches")


@dataclass(frozen=True)
class Placeholders:
    """Fills ``{as_of_date}``, ``{as_of_date - 45}`` (days), ``{schema}``, ``{replaced_batches}`` and dbt vars.

    ``{batch}`` is Great Expectations' own. ``{seed: lifecycle_rules.lifecycle_stage}``, a mapping in YAML, is the values that
    the seed's column has; among the items of a list they become items of it.

    Args:
        schema: the schema that holds the checked tables.
        as_of: the day of the release; None where a layer knows no day.
        variables: the dbt vars in force, by name; none where a layer knows no vars.
        seed_values: the distinct values of a seed's column; None where a layer knows no seeds.
        replaced_batches: SQL literals of the batches that a later delivery took the place of.
    """

    schema: str
    as_of: date | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    replaced_batches: str = "''"
    seed_values: Callable[[str, str], Sequence[str]] | None = None

    def fill(self, value: Any) -> Any:
        """The value with the placeholders in all of its texts filled in.

        Raises:
            ValueError: a placeholder is unknown, or has no value in this layer.
        """
        if isinstance(value, str):
            return _PLACEHOLDER.sub(self._one, value)
        if isinstance(value, list):
            filled = [(item, self.fill(item)) for item in value]
            return [one for item, found in filled for one in (found if _names_a_seed(item) else [found])]
        if _names_a_seed(value):
            return self._of_seed(value["seed"])
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return value

    def _of_seed(self, named: object) -> list[str]:
        match = _SEED.fullmatch(str(named))
        if match is None:
            raise ValueError(
                f"{{seed: {named}}} must name a seed and its column, as in lifecycle_rules.lifecycle_stage"
            )
        if self.seed_values is None:
            raise ValueError(f"{{seed: {named}}} has no value here: what came in is held against no seed")
        values = self.seed_values(match["seed"], match["column"])
        if not values:
            raise ValueError(f"{{seed: {named}}} has no values: there is no such column, or the seed is empty")
        return list(values)

    def _one(self, match: re.Match[str]) -> str:
        name, days = match["name"], match["days"]
        if name == "as_of_date":
            if self.as_of is None:
                raise ValueError("{as_of_date} has no value here: what came in does not depend on the day of a release")
            shift = int(days) if days else 0
            return (self.as_of + timedelta(days=-shift if match["sign"] == "-" else shift)).isoformat()
        if not days and name in self.variables:
            return str(self.variables[name])
        if days or name not in _NAMES:
            known = "{as_of_date - days}, {schema}, {batch}, {replaced_batches}, {name of a dbt var}"
            raise ValueError(f"{match[0]} is not a placeholder; known are {known}")
        return {"schema": self.schema, "replaced_batches": self.replaced_batches}.get(name, match[0])


def _names_a_seed(value: object) -> bool:
    """Whether a value of a suite stands for the values of a seed's column."""
    return isinstance(value, dict) and set(value) == {"seed"}
