"""The rules that a release was built with, so that it can be explained long after somebody has changed them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kehu.errors import ReleaseError
from kehu.files.durable import write_durably
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.manifest import LifecycleRule, Rules
from kehu.session import Session
from kehu.settings import Settings

_IDENTITY = {"as_of_date", "release_id", "candidate_schema"}
_LIFECYCLE_RULES = """
    select rule_order, lifecycle_stage, reason_code, label_en, label_zh
    from seeds.lifecycle_rules order by rule_order
"""


def keep_rules(settings: Settings, session: Session, release_id: str) -> None:
    """Write down the rules of a candidate beside its run, while the seeds are still those that it was built from."""
    rules = rules_in_force(settings, session, parse_release_id(release_id))
    write_durably(_file(settings, parse_release_id(release_id)), rules.model_dump_json(indent=1))


def rules_of(settings: Settings, session: Session, release_id: ReleaseId) -> Rules:
    """The rules that a candidate was built with; of one that has none written down, those in force.

    Raises:
        ReleaseError: they are written down and cannot be read.
    """
    file = _file(settings, release_id)
    try:
        return Rules.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return rules_in_force(settings, session, release_id)
    except ValidationError as error:
        raise ReleaseError(
            "the rules that the candidate was built with cannot be read",
            fix="build the candidate again",
            release=release_id,
            file=file.name,
        ) from error


def rules_in_force(settings: Settings, session: Session, release_id: ReleaseId) -> Rules:
    """The thresholds that dbt was given for the candidate over the project's defaults, and the seed of the stages."""
    declared = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8")).get("vars", {})
    thresholds = {**declared, **_given_vars(settings, release_id)}
    plain = {
        name: value
        for name, value in thresholds.items()
        if name not in _IDENTITY and not isinstance(value, dict | list)
    }
    return Rules(thresholds=dict(sorted(plain.items())), lifecycle=_lifecycle_rules(session))


def _file(settings: Settings, release_id: ReleaseId) -> Path:
    return settings.runs_dir / release_id / "rules.json"


def newest_artifact(settings: Settings, release_id: ReleaseId, name: str) -> Path | None:
    """The last file of that name that dbt wrote while it built the candidate."""
    files = list((settings.runs_dir / release_id / "candidate").rglob(name))
    return max(files, key=lambda file: (file.stat().st_mtime_ns, str(file)), default=None)


def _given_vars(settings: Settings, release_id: ReleaseId) -> dict[str, Any]:
    artifact = newest_artifact(settings, release_id, "run_results.json")
    if artifact is None:
        return {}
    given: dict[str, Any] = json.loads(artifact.read_text(encoding="utf-8")).get("args", {}).get("vars") or {}
    return given


def _lifecycle_rules(session: Session) -> tuple[LifecycleRule, ...]:
    exists = session.rows(
        "select 1 from information_schema.tables where table_schema = 'seeds' and table_name = 'lifecycle_rules'"
    )
    rows = session.rows(_LIFECYCLE_RULES) if exists else []
    return tuple(
        LifecycleRule(rule_order=order, stage=stage, reason_code=code, label_en=english, label_zh=chinese)
        for order, stage, code, english, chinese in rows
    )
