"""A process that has dbt loaded and the project parsed, and forks for every call: a call pays for its models only.

Loading dbt and parsing the project takes longer than most builds of a tiny shop. dbt keeps its DuckDB file open after a call
in the same process, so the calls themselves happen in forks, which end. Vars count at parse time only where they name columns or
models (`PARSED_VARIABLES`); every other one comes with the call, as in ``kehu.transform.child``.

``python -m tests.support.dbt_process`` reads one JSON request a line from its input and answers each with the exit code.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PARSED_VARIABLES = frozenset({"clv_horizon_weeks", "segmentations"})
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Call:
    """One call of dbt: ``arguments`` without the project, the profile and the vars, run inside ``folder``."""

    project: str
    folder: str
    arguments: tuple[str, ...]
    variables: dict[str, Any]
    candidate: str

    @property
    def output(self) -> Path:
        """What dbt printed."""
        return Path(self.folder) / "dbt_output.txt"


class DbtProcess:
    """The process, started by the first call."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def call(self, call: Call) -> tuple[int, str]:
        """Run dbt; returns its exit code and what it printed."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.support.dbt_process"]
            environment = {**os.environ, "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
            # the forks leave their semaphores to this process, which says so at its end
            environment["PYTHONWARNINGS"] = "ignore:resource_tracker:UserWarning"
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT, env=environment
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(call)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        printed = call.output.read_text(encoding="utf-8") if call.output.exists() else ""
        assert answer, f"the process that holds dbt has ended:\n{printed}"
        return int(answer), printed

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()


def _serve() -> None:
    # a fork that collects garbage walks through, and so copies, the whole project
    gc.disable()
    parsed: dict[str, Any] = {}
    for line in sys.stdin:
        fields = json.loads(line)
        call = Call(**{**fields, "arguments": tuple(fields["arguments"])})
        lasting = {name: value for name, value in call.variables.items() if name in PARSED_VARIABLES}
        key = json.dumps([call.project, lasting], sort_keys=True)
        if key not in parsed:
            parsed[key] = _parse(call, lasting)
        print(_fork(call, parsed[key]), flush=True)


def _parse(call: Call, variables: dict[str, Any]) -> Any:
    """The parsed project, or nothing if dbt could not parse it; what it printed is in the call's output."""
    from dbt.cli.main import dbtRunner

    from kehu.transform.lean_dbt import compile_templates, make_lean

    make_lean()
    with call.output.open("w", encoding="utf-8") as output, contextlib.redirect_stdout(output):
        os.chdir(call.folder)
        outcome = dbtRunner().invoke(["parse", *_options(call, variables)])
        if not outcome.success:
            print(outcome.exception, file=output)
            return None
    compile_templates(outcome.result)
    return outcome.result


def _fork(call: Call, manifest: Any) -> int:
    if manifest is None:
        return 1
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    code = 1
    try:
        code = _run(call, manifest)
    finally:
        os._exit(code)


def _run(call: Call, manifest: Any) -> int:
    from dbt.cli.main import dbtRunner

    from kehu.transform.child import name_candidate

    os.chdir(call.folder)
    name_candidate(manifest, call.candidate)
    with call.output.open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        command, *arguments = call.arguments
        outcome = dbtRunner(manifest=manifest).invoke([command, *_options(call, call.variables), *arguments])
        if outcome.exception:
            print(outcome.exception)
        sys.stdout.flush()
    return 0 if outcome.success else 1


def _options(call: Call, variables: dict[str, Any]) -> Sequence[str]:
    options = ["--project-dir", call.project, "--profiles-dir", call.folder]
    options += ["--target-path", f"{call.folder}/target", "--log-path", f"{call.folder}/logs"]
    options += ["--no-write-json", "--log-level-file", "none", "--no-use-colors"]
    return [*options, "--vars", json.dumps(variables, sort_keys=True)]


if __name__ == "__main__":
    _serve()
