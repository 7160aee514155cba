"""The contracts of the published marts as a build with the default vars reads them: names that follow a var filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.support.dbt_shop import DEFAULT_VARS as DEFAULTS
from tests.support.dbt_shop import PROJECT

_VAR = re.compile(r"\{\{ var\('(\w+)'\) \}\}")


def published_models() -> Iterator[tuple[dict[str, Any], str]]:
    """Every published mart as its YAML has it, and the name of its folder."""
    for path in sorted((PROJECT / "models" / "marts").rglob("*.yml")):
        text = _VAR.sub(lambda match: str(DEFAULTS[match[1]]), path.read_text(encoding="utf-8"))
        for model in yaml.safe_load(text).get("models", []):
            yield model, path.parent.name


def marts() -> dict[str, dict[str, str]]:
    """Type by column by published mart."""
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for model, _ in published_models()
    }
