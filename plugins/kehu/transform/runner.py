"""One step of a build is one ``dbt build`` in a child process; a retry builds what the attempts before did not finish."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import yaml

from kehu.errors import CandidateRejected, TransformError
from kehu.files.digests import code_files, files_digest
from kehu.files.durable import write_durably
from kehu.settings import Settings, child_environment
from kehu.transform.redact import redact
from kehu.transform.results import NodeResult, attempts, read_attempt, read_selected
from kehu.transform.warm import WarmProcess, WarmRequest, warm_process
from kehu.warehouse.protocol import Warehouse

log = logging.getLogger(__name__)

RUN_VARIABLES = frozenset({"as_of_date", "release_id", "candidate_schema"})
"""Vars that differ from run to run. dbt parses the project without them: other vars make it parse everything anew."""


@dataclass(frozen=True)
class Step:
    """One call of dbt: the nodes it selects, the vars it hands over, and whether dbt's own artifacts are kept.

    Attributes:
        reached_from: of the selected nodes only those are built that stand on one of these sources (``landing.orders``);
            None builds all of them.
    """

    name: str
    select: tuple[str, ...]
    variables: Mapping[str, object]
    full_refresh: bool = False
    with_unit_tests: bool = False
    with_artifacts: bool = False
    reached_from: tuple[str, ...] | None = None


@dataclass(frozen=True)
class StepResult:
    """The last result of every selected node, and the folder of the last attempt."""

    nodes: tuple[NodeResult, ...]
    folder: Path


def run_step(settings: Settings, warehouse: Warehouse, step_dir: Path, step: Step, lock: int) -> StepResult:
    """Build every node of the step that no earlier attempt in ``step_dir`` has finished.

    Args:
        step_dir: the step's folder of this run; holds one folder an attempt.
        lock: the descriptor of the warehouse's lock; the child inherits it, so that the lock outlives a killed parent.

    Raises:
        TransformError: dbt failed for a technical reason, or a selected node has no result.
        CandidateRejected: a dbt test failed.
    """
    earlier = attempts(step_dir)
    finished = {node.node_id: node for folder in earlier for node in read_attempt(folder) if node.is_done}
    number = int(earlier[-1].name.removeprefix("attempt_")) + 1 if earlier else 1
    folder = step_dir / f"attempt_{number}"
    folder.mkdir(parents=True)
    request = _write_request(settings, warehouse, folder, step, sorted(finished))
    code = run_child(settings, request, lock, warehouse.child_environment())
    now = {node.node_id: node for node in read_attempt(folder)}
    return _judge(step, folder, finished, now, code)


def _write_request(settings: Settings, warehouse: Warehouse, folder: Path, step: Step, finished: Sequence[str]) -> Path:
    target = folder / "target"
    target.mkdir()
    parsed = settings.warehouse_path.with_name("partial_parse.msgpack")
    parsed.parent.mkdir(parents=True, exist_ok=True)
    if parsed.exists():
        shutil.copyfile(parsed, target / parsed.name)
    profile = {"kehu": {"target": warehouse.name, "outputs": {warehouse.name: warehouse.dbt_profile()}}}
    write_durably(folder / "profiles.yml", yaml.safe_dump(profile))
    project = str(settings.dbt_project)
    common = ["--project-dir", project, "--profiles-dir", str(folder), "--target-path", str(target)]
    common += ["--log-path", str(folder / "logs"), "--log-level-file", "none", "--no-use-colors"]
    lasting = {name: value for name, value in step.variables.items() if name not in RUN_VARIABLES}
    build = ["--full-refresh"] if step.full_refresh else []
    if not step.with_unit_tests:
        build += ["--exclude-resource-type", "unit_test"]
    request = {
        "parent": os.getpid(),
        "attempt_dir": str(folder),
        "common": common,
        "parse_vars": json.dumps(lasting, sort_keys=True),
        "vars": json.dumps(dict(step.variables), sort_keys=True),
        "candidate_schema": step.variables.get("candidate_schema"),
        "build": build,
        "with_artifacts": step.with_artifacts,
        "select": list(step.select),
        "reached_from": None if step.reached_from is None else sorted(step.reached_from),
        "finished": list(finished),
    }
    write_durably(folder / "request.json", json.dumps(request, indent=1))
    return folder / "request.json"


def run_child(settings: Settings, request: Path, lock: int, environment: Mapping[str, str]) -> int:
    """Build a request in a process of its own, or in a fork of the run's (``warm.py``); its lines go to the log."""
    whole = {**child_environment(), **environment}
    if warm := warm_process():
        return _run_warm(settings, warm, request, lock, whole)
    process = subprocess.Popen(
        [sys.executable, "-m", "kehu.transform.child", str(request)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=whole,
        cwd=settings.warehouse_path.parent,
        pass_fds=(lock,),
    )
    assert process.stdout is not None
    try:
        _log_lines(process.stdout)
        return process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _run_warm(settings: Settings, warm: WarmProcess, request: Path, lock: int, environment: Mapping[str, str]) -> int:
    folder = str(settings.warehouse_path.parent)
    asked = WarmRequest(str(request), _parsed_from(settings, request), dict(environment), folder)
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as lines:
        try:
            warm.send(asked, lock, theirs)
        finally:
            os.close(theirs)
        try:
            _log_lines(lines)
            return warm.wait()
        except BaseException:
            warm.process.kill()  # what it builds ends with it
            raise


def _parsed_from(settings: Settings, request: Path) -> str:
    """What dbt's parse of a request depends on: the project's files, and the vars and the profile that it is parsed with."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    profile = request.with_name("profiles.yml").read_text(encoding="utf-8")
    digest = files_digest(code_files(settings.dbt_project), settings.dbt_project)
    return hashlib.sha256(f"{digest}\0{asked['parse_vars']}\0{profile}".encode()).hexdigest()


def _log_lines(lines: IO[bytes]) -> None:
    for line in lines:
        text = line.decode("utf-8", errors="replace").rstrip()
        if text:
            log.info("%s", redact(text))


def _judge(
    step: Step, folder: Path, finished: Mapping[str, NodeResult], now: Mapping[str, NodeResult], code: int
) -> StepResult:
    """Green only if every selected node has a result that says so; dbt's own exit code is not enough."""
    selected = read_selected(folder)
    broken = [node for node in now.values() if not node.is_done and node.status not in ("fail", "skipped")]
    failed = [node for node in now.values() if node.status == "fail"]
    # dbt skips what stands on a broken model or a failed test: neither is its own fault, and neither is a result
    kept = len(finished) + sum(node.is_done for node in now.values())
    if broken:
        first = broken[0]
        raise TransformError(
            f"dbt could not build {first.name}: {first.message.strip()}",
            fix=f"correct the model or its input and run again; unless code or input changes, {kept} finished nodes are kept",
            step=step.name,
            node=first.node_id,
            also=[node.name for node in broken[1:6]],
        )
    if failed:
        raise CandidateRejected(
            f"{len(failed)} dbt test(s) failed: " + "; ".join(f"{node.name}: {node.message}" for node in failed[:5]),
            fix="look at the rows that the compiled test returns; BI keeps the last release",
            step=step.name,
        )
    if selected is None:
        raise TransformError(
            "dbt ended before it knew what to build",
            fix="see the log lines above and run again",
            step=step.name,
            code=code,
        )
    results = {**finished, **{name: node for name, node in now.items() if node.is_done}}
    missing = [node for node in selected if node not in results]
    if missing or not selected:
        raise TransformError(
            f"{len(missing)} of {len(selected)} selected nodes have no result",
            fix="run again: what has finished is kept",
            step=step.name,
            code=code,
            missing=missing[:5],
        )
    if code != 0:
        raise TransformError("dbt failed after its last node", fix="see the log lines above", step=step.name, code=code)
    return StepResult(tuple(results[node] for node in selected), folder)


def keep_parse(settings: Settings, result: StepResult) -> None:
    """Keep dbt's parse of the project, so that the next step does not parse it anew."""
    parsed = result.folder / "target" / "partial_parse.msgpack"
    if parsed.exists():
        kept = settings.warehouse_path.with_name(parsed.name)
        temporary = kept.with_name(f".{kept.name}.{os.getpid()}.tmp")
        shutil.copyfile(parsed, temporary)
        os.replace(temporary, kept)
