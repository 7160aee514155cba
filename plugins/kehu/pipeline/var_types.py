"""The type and the range of every var (``dbt_project/vars.yml``): a value out of them stops before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Field

from kehu.errors import ConfigurationError
from kehu.strict_yaml import read_yaml

_DESCRIPTIONS = {
    "integer": "a whole number",
    "number": "a number",
    "share": "a share from 0 to 1",
    "text": "a text",
}


class VarType(BaseModel):
    """What a value of one var may be; ``min`` and ``max`` belong to the range, ``above`` and ``below`` do not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["integer", "number", "share", "text", "choice"]
    minimum: float | None = Field(default=None, alias="min")
    maximum: float | None = Field(default=None, alias="max")
    above: float | None = None
    below: float | None = None
    of: tuple[str, ...] = ()
    optional: bool = False
    at_most: str | None = None

    def accepts(self, value: object) -> bool:
        """Whether a value is of the type and in the range."""
        if value is None:
            return self.optional
        if self.type in ("text", "choice"):
            return isinstance(value, str) and (self.type == "text" or value in self.of)
        if not _is_number(value) or not isfinite(value):
            return False
        return (
            (self.type != "integer" or isinstance(value, int))
            and (self.type != "share" or 0 <= value <= 1)
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def describe(self) -> str:
        """What a value may be, in words."""
        text = f"one of {', '.join(self.of)}" if self.type == "choice" else _DESCRIPTIONS[self.type]
        ends = {"from": self.minimum, "above": self.above, "up to": self.maximum, "below": self.below}
        text = " ".join([text, *(f"{word} {end:g}" for word, end in ends.items() if end is not None)])
        return f"{text}, or null" if self.optional else text


def check_variables(
    dbt_project: Path, company: Mapping[str, object], in_force: Mapping[str, object], file: str
) -> None:
    """Hold the vars of a company against their types and ranges.

    Args:
        dbt_project: the folder with ``vars.yml``.
        company: the vars that the company sets.
        in_force: all vars with the values that are in force, the company's included.
        file: where the company's vars stand.

    Raises:
        ConfigurationError: a value is none; names the var, what was written and what may stand there.
    """
    types = var_types(dbt_project)
    for name, value in company.items():
        known = types.get(name)
        if known is not None and not known.accepts(value):
            raise ConfigurationError(
                f"{name} is {known.describe()}", fix=_fix(known, value), file=file, var=name, value=value
            )
    for name, known in types.items():
        low, high = in_force.get(name), in_force.get(known.at_most or "")
        if _is_number(low) and _is_number(high) and low > high:
            raise ConfigurationError(
                f"{name} must be at most {known.at_most}",
                fix="change one of the two under vars",
                file=file,
                **{name: low, str(known.at_most): high},
            )


@cache
def var_types(dbt_project: Path) -> dict[str, VarType]:
    """What the values of each var may be."""
    content: dict[str, Any] = read_yaml(dbt_project / "vars.yml", "the file of the vars' types")
    return {name: VarType.model_validate(one) for name, one in content.items()}


def _fix(known: VarType, value: object) -> str:
    if isinstance(value, str) and known.type in ("integer", "number", "share"):
        return "write it as a number, without quotes, and with a point where it has decimals"
    if known.type == "share" and _is_number(value) and 1 < value <= 100:
        return f"write {value / 100:g} for {value:g} percent"
    return "correct it under vars"


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
