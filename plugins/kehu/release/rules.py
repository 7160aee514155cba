"""The rules that a release was built with, so that it can be explained long after somebody has changed them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from kehu.release.manifest import LifecycleRule, Rules
from kehu.settings import Settings
from kehu.warehouse.protocol import Session

_IDENTITY = {"as_of_date", "release_id", "candidate_schema"}
_LIFECYCLE_RULES = """
    select rule_order, lifecycle_stage, reason_code, label_en, label_zh
    from seeds.lifecycle_rules order by rule_order
"""


def rules_in_force(settings: Settings, session: Session, release_id: str) -> Rules:
    """The thresholds that dbt was given for the candidate over the project's defaults, and the seed of the stages."""
    declared = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8")).get("vars", {})
    thresholds = {**declared, **_given_vars(settings, release_id)}
    plain = {
        name: value
        for name, value in thresholds.items()
        if name not in _IDENTITY and not isinstance(value, dict | list)
    }
    return Rules(thresholds=dict(sorted(plain.items())), lifecycle=_lifecycle_rules(session))


def newest_artifact(settings: Settings, release_id: str, name: str) -> Path | None:
    """The last file of that name that dbt wrote while it built the candidate."""
    files = list((settings.runs_dir / release_id / "candidate").rglob(name))
    return max(files, key=lambda file: (file.stat().st_mtime_ns, str(file)), default=None)


def _given_vars(settings: Settings, release_id: str) -> dict[str, Any]:
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
