"""How far a candidate may move: ``expectations/drift.yml``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from kehu.errors import ConfigurationError, nearest
from kehu.strict_yaml import read_yaml


@dataclass(frozen=True)
class Thresholds:
    """See ``expectations/drift.yml`` for what each means; shares are 0–1."""

    max_growth_per_month: float
    min_rows: float
    max_restatement: float
    max_psi: float
    share_floor: float
    max_clv_change: float


def load_thresholds(file: Path) -> Thresholds:
    """Read the thresholds; all of them must be there.

    Raises:
        ConfigurationError: the file cannot be read or has a key twice; a threshold is missing, unknown or not a positive
            number.
    """
    content = read_yaml(file, "the file of drift thresholds")
    names = [field.name for field in fields(Thresholds)]
    if not isinstance(content, dict):
        raise ConfigurationError("the drift thresholds must be a mapping", file=file.name, expected=names)
    for name in content:
        if name not in names:
            raise ConfigurationError(
                "unknown drift threshold", file=file.name, name=name, nearest=nearest(str(name), names)
            )
    for name in names:
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise ConfigurationError("a drift threshold must be a number above 0", file=file.name, name=name, got=value)
    return Thresholds(**content)
