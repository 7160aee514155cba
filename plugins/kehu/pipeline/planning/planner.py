"""``kehu plan``: builds what edits change beside the published release, compares, judges, and leaves nothing behind."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from kehu.files.private import close_scratch
from kehu.pipeline.basis import Basis, basis_now
from kehu.pipeline.planning.base import Base, open_base, require_state
from kehu.pipeline.planning.building import Building
from kehu.pipeline.planning.comparing import compare
from kehu.pipeline.planning.verdicts import edited_suites, gate_verdicts, test_verdicts
from kehu.pipeline.variables import dbt_variables, effective_variables
from kehu.plan.edits import Edit, edited_files, find_edits
from kehu.plan.outcome import Comparison, Plan, Verdict
from kehu.plan.project import read_project
from kehu.settings import Settings
from kehu.sources.config import SourcesConfig, load_sources
from kehu.transform.scratch import ScratchDbt
from kehu.transform.warm import warm_dbt
from kehu.warehouse.factory import open_scratch, open_warehouse

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Asked:
    """What is compared with what."""

    settings: Settings
    config: SourcesConfig
    base: Base
    now: Basis


def plan_edits(settings: Settings, *, is_judged: bool = True) -> Plan:
    """What the edits of the project would change in the published release.

    Args:
        settings: where the project and the release are.
        is_judged: whether dbt's tests and the gate are asked too.

    Raises:
        PlanError: there is no release, or what it was built from is gone.
        TransformError: dbt cannot parse the project or build a model.
        WarehouseBusy: a build holds the warehouse; names it.
    """
    config = load_sources(settings.sources)
    now = basis_now(settings, effective_variables(settings, config.for_models))
    asked = _Asked(settings, config, open_base(settings), now)
    with _opened(asked) as building:
        edits = _edits(asked, building)
        if not edits:
            return Plan(asked.base.release_id, asked.base.run.as_of, settings.currency)
        compared = compare(building)
        checks, verdicts = _judged(asked, building, compared, edits) if is_judged else (0, [])
        return Plan(
            asked.base.release_id,
            asked.base.run.as_of,
            settings.currency,
            edits=tuple(edits),
            built=len(building.built),
            scored_again=tuple(building.scored_again),
            compared=compared,
            checks=checks,
            verdicts=tuple(verdicts),
        )


@contextmanager
def _opened(asked: _Asked) -> Iterator[Building]:
    """A scratch place with the edited project parsed; it is gone after the block, however that ends."""
    settings, base = asked.settings, asked.base
    warehouse, plans = open_warehouse(settings), settings.plans_dir
    with warehouse.writing("kehu plan") as lock, warm_dbt():
        shutil.rmtree(plans, ignore_errors=True)  # what a killed plan has left: this one holds the lock
        close_scratch(settings)
        try:
            with warehouse.session(read_only=True) as session:
                require_state(session, base)
            scratch = open_scratch(settings, plans / f"p{os.getpid()}")
            variables = dbt_variables(settings, base.release_id, base.run.as_of, asked.config.for_models)
            dbt = ScratchDbt(settings, warehouse, scratch, variables, lock)
            project = read_project(dbt.project(), settings.dbt_project)
            yield Building(settings, base, project, dbt, asked.now.variables, asked.now.python)
        finally:
            shutil.rmtree(plans, ignore_errors=True)
            with suppress(OSError):  # `kehu dbt` has something there
                settings.scratch_dir.rmdir()


def _edits(asked: _Asked, building: Building) -> list[Edit]:
    """The edits; what they change is built."""
    before, now = asked.base.basis, asked.now
    found = find_edits(asked.base.project, building.project, (before.variables, now.variables))
    edits = [*found.found]
    if before.python:  # a release of the version before has neither
        edits += edited_files("suite", before.suites, now.suites)
        edits += [Edit("code", name, "changed", reaches=(name,)) for name in _differing(before.python, now.python)]
    if edits:
        building.run(found.changed)
        log.info("%d models and seeds are built anew", len(building.built))
    return edits


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in now if before.get(name) != now[name])


def _judged(asked: _Asked, building: Building, compared: Comparison, edits: list[Edit]) -> tuple[int, list[Verdict]]:
    tests = building.dbt.test(building.tests())
    suites = edited_suites(edit.name for edit in edits if edit.kind == "suite")
    differing = {one.table for one in compared.tables} | {*compared.tables_added}
    checks, verdicts = gate_verdicts(building, differing, suites, asked.config.increments)
    return checks + len(tests), [*test_verdicts(building, tests), *verdicts]
