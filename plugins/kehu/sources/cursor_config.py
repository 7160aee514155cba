"""What ``sources.yml`` says about an entity that is read from where the last read ended."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import Field, field_validator, model_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import MappedEntity

_DURATION = re.compile(r"^(\d{1,9})\s*(s|min|h|d)$")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


class CursorEntity(MappedEntity):
    """An entity that may have a cursor: a column that tells which rows are new."""

    cursor: str | None = Field(default=None, min_length=1)
    lookback: str | int | None = None

    @model_validator(mode="after")
    def _cursor_is_whole(self) -> CursorEntity:
        if (self.cursor is None) != (self.lookback is None):
            raise ConfigProblem(
                "cursor and lookback belong together",
                fix="say how late a transaction may commit that has written its value of the cursor: 2h, 1d, or a number",
                key="lookback",
            )
        if self.cursor is not None and self.mode != "append":
            raise ConfigProblem(
                f"mode {self.mode} needs all rows that it replaces, a cursor reads some of them",
                fix="remove cursor, or use mode append",
                key="cursor",
            )
        return self

    @field_validator("lookback")
    @classmethod
    def _known_lookback(cls, given: str | int | None) -> str | int | None:
        is_bad = given < 0 if isinstance(given, int) else given is not None and not _DURATION.fullmatch(given)
        if is_bad:
            raise ConfigProblem(
                "lookback is a duration or a number that is not negative",
                fix="write it as 90s, 15min, 2h or 1d; as a number where the cursor is one",
                key="lookback",
            )
        return given

    @property
    def is_numeric(self) -> bool:
        """Whether the cursor counts, instead of telling a time."""
        return isinstance(self.lookback, int)

    @property
    def lookback_seconds(self) -> int:
        """How much time the next read goes back behind the newest row."""
        found = _DURATION.fullmatch(str(self.lookback))
        return int(found[1]) * _SECONDS[found[2]] if found else 0

    @property
    def lookback_number(self) -> Decimal:
        """How far the next read goes back where the cursor counts."""
        return Decimal(self.lookback) if isinstance(self.lookback, int) else Decimal(0)
