"""The release that a plan compares with, and all that must still be there to build beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kehu.errors import PlanError
from kehu.ops.batches import loaded_batches
from kehu.ops.tables import candidate_schema, features_schema, personas_schema, scores_schema
from kehu.pipeline.basis import Basis, read_basis
from kehu.pipeline.runs import Run, load_run
from kehu.pipeline.validity import state
from kehu.plan.project import Project, read_project
from kehu.release.catalog import find_in
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId
from kehu.release.rules import newest_artifact
from kehu.release.store import ReleaseStore
from kehu.session import Session
from kehu.settings import Settings

_AGAIN = "run the day once more with the code that is published (`kehu run --as-of {day}`), then plan"


@dataclass(frozen=True)
class Base:
    """The published release.

    Attributes:
        project: the dbt project that it was built from.
        basis: the vars, suites and Python that it was built with.
    """

    release_id: ReleaseId
    run: Run
    store: ReleaseStore
    project: Project
    basis: Basis

    @property
    def schema(self) -> str:
        """Where its candidate is in the warehouse."""
        return candidate_schema(self.release_id)

    def again(self) -> str:
        """How to make a release that can be planned upon."""
        return _AGAIN.format(day=self.run.as_of)


def open_base(settings: Settings) -> Base:
    """The release that BI reads, with what it was built from.

    Raises:
        PlanError: nothing is published, or the run behind the release has lost what it was built from.
        ReleaseError: the release is damaged.
    """
    store = open_store(settings)
    current = store.current()
    if current is None:
        raise PlanError(
            "nothing is published yet, so there is nothing to compare with", fix="run a day first: `kehu run`"
        )
    thresholds = find_in(store, current).rules.thresholds
    run = load_run(settings, current)
    manifest, results = (newest_artifact(settings, current, name) for name in ("manifest.json", "run_results.json"))
    if manifest is None:
        raise PlanError(
            "the run behind the release has lost dbt's manifest, which says what it was built from",
            fix=_AGAIN.format(day=run.as_of),
            release=current,
        )
    basis = read_basis(settings, current) or Basis({**thresholds, **_given(results)})
    return Base(current, run, store, read_project(json.loads(manifest.read_text(encoding="utf-8"))), basis)


def require_state(session: Session, base: Base) -> None:
    """Make sure that the warehouse still has what the release was built from.

    Raises:
        PlanError: other batches or other code have been built since, or the release's candidate is gone.
    """
    run = base.run
    if state.read(session).fingerprint != run.state_fingerprint or loaded_batches(session) != {
        name: not is_withdrawn for name, is_withdrawn in run.standing.items()
    }:
        raise PlanError(
            "the warehouse has been built from other batches or other code since the release was",
            fix=base.again(),
            release=base.release_id,
        )
    of_release = {name(base.release_id) for name in (candidate_schema, features_schema, scores_schema, personas_schema)}
    found = {row[0] for row in session.rows("select schema_name from information_schema.schemata")}
    if missing := sorted(of_release - found):
        raise PlanError(
            "the candidate of the release is gone from the warehouse: later runs have taken its place",
            fix=base.again(),
            release=base.release_id,
            missing=missing,
        )


def _given(results: Path | None) -> Mapping[str, Any]:
    """The vars that dbt was given, of a release of the version before; what is the run's own is left out."""
    if results is None:
        return {}
    given = json.loads(results.read_text(encoding="utf-8")).get("args", {}).get("vars") or {}
    return {
        name: value for name, value in given.items() if name not in ("as_of_date", "release_id", "candidate_schema")
    }
