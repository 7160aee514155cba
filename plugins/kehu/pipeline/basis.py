"""What a candidate was built with that dbt's manifest does not say: vars, suites, and Kehu's own models in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kehu.files.digests import code_files, files_digest
from kehu.files.durable import write_durably
from kehu.pipeline.validity.fingerprints import personas_code_digest, scoring_code_digest
from kehu.pipeline.variables import segmentations
from kehu.settings import Settings

_FILE = "basis.json"


@dataclass(frozen=True)
class Basis:
    """What stands beside a run, for as long as its release is kept.

    Attributes:
        variables: every var that is not one run's own, with its value.
        suites: a digest of each file of the expectations, by its path.
        python: digests of Kehu's own models, by what they are for.
    """

    variables: Mapping[str, Any]
    suites: Mapping[str, str] = field(default_factory=dict)
    python: Mapping[str, str] = field(default_factory=dict)


def basis_now(settings: Settings, thresholds: Mapping[str, object]) -> Basis:
    """What a candidate would be built with now.

    Args:
        settings: where suites and the dbt project are.
        thresholds: every var that is not one run's own, with its value.
    """
    files = code_files(settings.expectations)
    return Basis(
        # as JSON has it, so that it can be compared with what was kept
        json.loads(json.dumps({**thresholds, "segmentations": segmentations(settings.dbt_project)}, default=str)),
        {str(file.relative_to(settings.expectations)): files_digest([file], settings.expectations) for file in files},
        {"scores": scoring_code_digest(), "personas": personas_code_digest()},
    )


def keep_basis(settings: Settings, release_id: str, basis: Basis) -> None:
    """Write it down beside the run."""
    write_durably(_file(settings, release_id), json.dumps(asdict(basis), indent=1, sort_keys=True))


def read_basis(settings: Settings, release_id: str) -> Basis | None:
    """What a candidate was built with; None if the version that built it did not write it down."""
    try:
        return Basis(**json.loads(_file(settings, release_id).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _file(settings: Settings, release_id: str) -> Path:
    return settings.runs_dir / release_id / _FILE
