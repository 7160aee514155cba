"""The process in which dbt lives: ``python -m kehu.transform.child request.json``.

dbt keeps its DuckDB file open after it returns, so it gets a process of its own. The project is parsed once; the nodes that
the step selects are written down before anything runs, and every finished node is written and flushed as it finishes, so
that a retry knows what is left even after SIGKILL (``run_results.json`` is written only at the end).

Garbage is not collected while dbt works: each collection walks through the whole parsed project, which dbt holds to the end, and
together they took a seventh of the time. What is left behind grows with the nodes, not with the rows.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from kehu.transform.lean_dbt import make_lean
from kehu.transform.redact import redact
from kehu.transform.scratch_child import fqn_selection, move, write_project

BUILDABLE = ("model", "seed", "snapshot", "test", "unit_test")
PARSED_SCHEMA = "candidate"
"""The default of the var `candidate_schema` in dbt_project.yml."""
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    """Run one dbt step; returns 0 if dbt says that all went well, 1 otherwise."""
    request = json.loads(Path((arguments or sys.argv[1:])[0]).read_text(encoding="utf-8"))
    die_with_parent(int(request["parent"]))
    gc.disable()
    try:
        manifest = parse(request)
        return 1 if manifest is None else build(request, manifest)
    finally:
        gc.enable()  # the interpreter collects once more as it ends: DuckDB closes its file then


def parse(request: dict[str, Any]) -> Any:
    """The project that a request names, parsed: dbt's manifest; None if dbt could not, it has said why."""
    from dbt.cli.main import dbtRunner

    make_lean()
    words = [
        "parse",
        *request.get("parse", request["common"]),
        "--vars",
        request["parse_vars"],
        "--no-write-json",
        "--quiet",
    ]
    return _invoke(dbtRunner(), words)


def build(request: dict[str, Any], manifest: Any) -> int:
    """Build what is left of the request's nodes; changes the manifest. Returns 0 if dbt says that all went well."""
    from dbt.cli.main import dbtRunner

    name_candidate(manifest, request["candidate_schema"])
    if scratch := request.get("scratch"):
        return _build_in_scratch(request, manifest, scratch)
    selected = _select(dbtRunner(manifest=manifest), request)
    if selected is None:
        return 1
    if request["reached_from"] is not None:
        reached = reached_nodes(manifest, request["reached_from"])
        selected = [node for node in selected if node in reached]
    folder = Path(request["attempt_dir"])
    _write_flushed(folder / "selected.json", json.dumps(sorted(selected)))
    finished = set(request["finished"])
    left = [node for node in selected if node not in finished]
    print(f"dbt: {len(left)} of {len(selected)} nodes to build", flush=True)
    if not left:
        if request["with_artifacts"]:
            # dbt writes it at the end of a build, and whoever finished the last node may have died before that
            manifest.write(str(folder / "target" / "manifest.json"))
        return 0
    command = ["build", *request["common"], "--vars", request["vars"], *request["build"], "--quiet"]
    command += _what(request, manifest, left) + ([] if request["with_artifacts"] else ["--no-write-json"])
    with (folder / "finished.jsonl").open("a", encoding="utf-8") as results:
        runner = dbtRunner(manifest=manifest, callbacks=[_recorder(results, len(left))])
        outcome = runner.invoke(command)
    _redact_artifact(folder / "target" / "run_results.json")
    return 0 if outcome.success else 1


def _build_in_scratch(request: dict[str, Any], manifest: Any, scratch: dict[str, Any]) -> int:
    """Write down what the project is, or build some nodes of it in a database of their own, each by its name."""
    from dbt.cli.main import dbtRunner

    folder = Path(request["attempt_dir"])
    if scratch["project_file"]:
        write_project(manifest, Path(scratch["project_file"]))
        return 0
    move(manifest, scratch["database"])
    command = [scratch["command"], *request["common"], "--vars", request["vars"], "--quiet", "--no-write-json"]
    command += fqn_selection(manifest, scratch["nodes"])
    if scratch["command"] == "build":  # a test that fails would leave out what stands on its model
        command += ["--exclude-resource-type", "test", "unit_test"]
    with (folder / "finished.jsonl").open("a", encoding="utf-8") as results:
        runner = dbtRunner(manifest=manifest, callbacks=[_recorder(results, len(scratch["nodes"]))])
        return 0 if runner.invoke(command).success else 1


def die_with_parent(parent: int) -> None:
    """Let a killed parent take this process with it; it must not go on writing behind the next run's back."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _invoke(runner: Any, command: list[str]) -> Any:
    outcome = runner.invoke(command)
    if outcome.success:
        return outcome.result
    print(f"dbt {command[0]} failed: {outcome.exception or 'see the lines above'}", flush=True)
    return None


def name_candidate(manifest: Any, schema: str | None) -> None:
    """Give the parsed nodes of a candidate the schema of the release being built.

    dbt names schemas when it parses, and parses the whole project anew when a var differs. So the project is parsed with the
    lasting vars only, in which the schema is plain `candidate`, and the release's own name is put in here.
    """
    for node in (*manifest.nodes.values(), *manifest.sources.values()) if schema else ():
        if node.schema == PARSED_SCHEMA or node.schema.startswith(f"{PARSED_SCHEMA}_"):
            parsed, node.schema = node.schema, schema + node.schema.removeprefix(PARSED_SCHEMA)
            if node.relation_name:
                node.relation_name = node.relation_name.replace(f'"{parsed}"', f'"{node.schema}"')


def _select(runner: Any, request: dict[str, Any]) -> list[str] | None:
    command = ["ls", *request["common"], "--vars", request["vars"], "--select", *request["select"]]
    command += ["--quiet", "--no-write-json"]
    command += [word for word in request["build"] if word.startswith("--exclude-resource-type") or word == "unit_test"]
    with contextlib.redirect_stdout(io.StringIO()):
        found = _invoke(runner, [*command, "--output", "json", "--output-keys", "unique_id", "resource_type"])
    if found is None:
        return None
    nodes = [json.loads(line) for line in found]
    return [node["unique_id"] for node in nodes if node["resource_type"] in BUILDABLE]


def reached_nodes(manifest: Any, sources: list[str]) -> set[str]:
    """The nodes that stand on one of the sources, over any number of others.

    Args:
        manifest: dbt's, of the whole project.
        sources: as in ``landing.orders``.
    """
    wanted = set(sources)
    found: set[str] = set()
    todo = [name for name, one in manifest.sources.items() if f"{one.source_name}.{one.name}" in wanted]
    children: dict[str, list[str]] = {}
    for name, node in {**manifest.nodes, **manifest.unit_tests}.items():
        for parent in getattr(node.depends_on, "nodes", ()):  # a seed stands on macros only
            children.setdefault(parent, []).append(name)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def _what(request: dict[str, Any], manifest: Any, left: list[str]) -> list[str]:
    """The selection itself, or, for a part of it and for a retry, each node that is left by its name.

    Excluding what has finished would not do: dbt would leave out the tests of every excluded model too.
    """
    if not request["finished"] and request["reached_from"] is None:
        return ["--select", *request["select"]]
    nodes = {**manifest.nodes, **manifest.unit_tests}
    names = [f"fqn:{'.'.join(nodes[node].fqn)}" for node in left]
    return ["--select", *names, "--indirect-selection", "empty"]


def _recorder(results: IO[str], total: int) -> Callable[[Any], None]:
    """A dbt callback that writes each finished node as one flushed JSON line and prints the progress."""
    count = itertools.count(1)
    one_at_a_time = threading.Lock()

    def record(event: Any) -> None:
        if event.info.name != "NodeFinished":
            return
        node, outcome = event.data.node_info, event.data.run_result
        entry = {
            "node_id": node.unique_id,
            "name": node.node_name,
            "resource_type": node.resource_type,
            "status": str(outcome.status),
            "seconds": round(float(outcome.execution_time), 3),
            "message": redact(str(outcome.message)),
            "failures": int(outcome.num_failures),
            "finished_at": node.node_finished_at,
        }
        shown = f"{entry['resource_type']} {entry['name']} {entry['status']} {entry['seconds']:.2f} s"
        with one_at_a_time:
            results.write(json.dumps(entry) + "\n")
            results.flush()  # outlives this process; a line lost with the machine is only built once more
            print(f"dbt: {next(count)}/{total} {shown}\n", end="", flush=True)

    return record


def _redact_artifact(file: Path) -> None:
    """Take data values out of the messages that dbt itself writes down."""
    if file.exists():
        artifact = json.loads(file.read_text(encoding="utf-8"))
        for result in artifact["results"]:
            result["message"] = redact(str(result["message"]))
        _write_flushed(file, json.dumps(artifact))


def _write_flushed(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    sys.exit(main())
