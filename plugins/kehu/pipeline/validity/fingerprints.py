"""What a state or a release was made from, as short digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kehu.files.digests import code_files, files_digest
from kehu.settings import PROJECT_ROOT, Settings


def code_version(settings: Settings) -> str:
    """The package version and a digest of everything that shapes a release: models and expectations in force, the package."""
    try:
        number = version("kehu")
    except PackageNotFoundError:
        number = "0"
    folders = (settings.dbt_project, settings.expectations, PROJECT_ROOT / "plugins" / "kehu")
    shown = " ".join(files_digest(code_files(folder), folder) for folder in folders)
    return f"{number}+{hashlib.sha256(shown.encode()).hexdigest()[:12]}"


def state_code_digest(dbt_project: Path, variables: Mapping[str, object]) -> str:
    """A digest of the SQL, seeds and vars that shape the state; a change of it asks for a full refresh."""
    rooms = (dbt_project / "models" / name for name in ("marts", "scored", "features"))
    files = _without(code_files(dbt_project), *rooms)
    shown = json.dumps(dict(variables), sort_keys=True, default=str)
    return hashlib.sha256((files_digest(files, dbt_project) + shown).encode()).hexdigest()[:16]


def features_code_digest(dbt_project: Path) -> str:
    """A digest of the SQL and seeds that shape the features: whoever edits a mart need not compute them again."""
    rooms = (dbt_project / "models" / name for name in ("marts", "scored"))
    files = _without(code_files(dbt_project), *rooms, dbt_project / "tests")
    return files_digest(files, dbt_project)


_PACKAGE = PROJECT_ROOT / "plugins" / "kehu"


def scoring_code_digest(package: Path = _PACKAGE) -> str:
    """A digest of the Python that shapes the scores of purchase models and of churn risk."""
    return _package_digest(package, "clv", "risk", "scoring", "pipeline/lifetime_value.py", "pipeline/churn_risk.py")


def personas_code_digest(package: Path = _PACKAGE) -> str:
    """A digest of the Python that finds personas."""
    return _package_digest(package, "personas", "scoring", "pipeline/personas.py")


def _package_digest(package: Path, *names: str) -> str:
    """A digest of folders and files of the package."""
    places = [package / name for name in names]
    files = [file for place in places for file in (code_files(place) if place.is_dir() else [place])]
    return files_digest(files, package)


def _without(files: Iterable[Path], *folders: Path) -> list[Path]:
    return [file for file in files if not any(folder in file.parents for folder in folders)]


def batches_digest(batch_ids: Iterable[str]) -> str:
    """A digest of a set of batches."""
    return hashlib.sha256("\n".join(sorted(batch_ids)).encode()).hexdigest()[:16]
