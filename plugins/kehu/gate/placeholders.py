"""What a suite may leave open until the run: the as-of day, the schema that is checked, the vars in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)\s*(?:(?P<sign>[+-])\s*(?P<days>\d{1,5}))?\s*\}")
_NAMES = ("as_of_date", "schema", "batch", "replaced_batches")


@dataclass(frozen=True)
class Placeholders:
    """Fills ``{as_of_date}``, ``{as_of_date - 45}`` (days), ``{schema}``, ``{replaced_batches}`` and dbt vars.

    ``{batch}`` is Great Expectations' own.

    Args:
        schema: the schema that holds the checked tables.
        as_of: the day of the release; None where a layer knows no day.
        variables: the dbt vars in force, by name; none where a layer knows no vars.
        replaced_batches: SQL literals of the batches that a later delivery took the place of.
    """

    schema: str
    as_of: date | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    replaced_batches: str = "''"

    def fill(self, value: Any) -> Any:
        """The value with the placeholders in all of its texts filled in.

        Raises:
            ValueError: a placeholder is unknown, or has no value in this layer.
        """
        if isinstance(value, str):
            return _PLACEHOLDER.sub(self._one, value)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return value

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
