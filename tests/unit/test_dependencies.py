"""What the package imports is declared: an import that only comes along with something else goes away with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.support.repository import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
DEVELOPMENT = PYPROJECT["dependency-groups"]["dev"]

META = {"airflow": ["apache-airflow"]}
"""Packages that are declared under the name of one that holds nothing but its parts."""


def imported() -> dict[str, str]:
    """Top-level modules that the package, the DAGs and the tools import, each with a file that does."""
    found: dict[str, str] = {}
    for folder in ("plugins", "dags", "tools", "deploy"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                found |= {name.partition(".")[0]: str(file.relative_to(ROOT)) for name in names}
    return found


def declared(requirements: list[str]) -> set[str]:
    """Names of distributions, as they are compared."""
    return {normalised(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in requirements}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_declared() -> None:
    extras = [requirement for group in PROJECT["optional-dependencies"].values() for requirement in group]
    known = declared([*PROJECT["dependencies"], *extras])
    owners = packages_distributions()
    missing = {}
    for module, file in imported().items():
        # _typeshed is in no package: type checkers bring it
        if module in sys.stdlib_module_names or module in {"kehu", "tools", "_typeshed"}:
            continue
        distributions = {normalised(owner) for owner in [*owners.get(module, [module]), *META.get(module, [])]}
        # tools run where the project is developed, and nowhere else
        if not distributions & (known | declared(DEVELOPMENT) if file.startswith("tools/") else known):
            missing[module] = file
    assert not missing, f"declare in pyproject.toml what is imported: {missing}"
    assert {"duckdb", "httpx", "threadpoolctl"} <= imported().keys()
