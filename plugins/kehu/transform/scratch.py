"""Runs dbt for a plan: its parse of the project as it is now, and nodes by their names in a database of the plan's own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kehu.errors import TransformError
from kehu.settings import Settings
from kehu.transform.results import NodeResult, read_attempt
from kehu.transform.runner import RUN_VARIABLES, run_child
from kehu.warehouse.protocol import Scratch, Warehouse


@dataclass(frozen=True)
class ScratchDbt:
    """dbt on a scratch database.

    Attributes:
        warehouse: the working one, whose profile the project is parsed with: dbt would parse anew with any other.
        scratch: where nodes are built.
        variables: all vars, the run's included.
        lock: the descriptor of the warehouse's lock.
    """

    settings: Settings
    warehouse: Warehouse
    scratch: Scratch
    variables: Mapping[str, object]
    lock: int

    def project(self) -> dict[str, Any]:
        """The project as it is now, in the form of ``manifest.json``.

        Raises:
            TransformError: dbt cannot parse it; the log says where.
        """
        file = self.scratch.folder / "project.json"
        code, _ = self._run({"project_file": str(file)})
        if code or not file.exists():
            raise TransformError("dbt cannot parse the project", fix="see the lines above: they name file and line")
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def build(self, nodes: Iterable[str]) -> list[NodeResult]:
        """Build models and seeds in the order in which they stand on each other.

        Raises:
            TransformError: one of them cannot be built; names it with its file.
        """
        wanted = sorted(nodes)
        if not wanted:
            return []
        _, results = self._run({"command": "build", "nodes": wanted})
        broken = [node for node in results if not node.is_done and node.status != "skipped"]
        if broken:
            raise TransformError(
                f"dbt cannot build {broken[0].name}: {broken[0].message.strip()}",
                fix="correct the model and plan again; the line is that of the compiled file",
                node=broken[0].node_id,
                also=[node.name for node in broken[1:6]],
            )
        if len(results) < len(wanted):
            raise TransformError(
                "dbt has not built everything", fix="see the lines above", missing=len(wanted) - len(results)
            )
        return results

    def test(self, tests: Iterable[str]) -> list[NodeResult]:
        """Run tests; those that fail are results like the others."""
        wanted = sorted(tests)
        return self._run({"command": "test", "nodes": wanted})[1] if wanted else []

    def _run(self, scratch: Mapping[str, Any]) -> tuple[int, list[NodeResult]]:
        number = len(list(self.scratch.folder.glob("dbt/attempt_*"))) + 1
        folder = self.scratch.folder / "dbt" / f"attempt_{number}"
        (folder / "scratch").mkdir(parents=True)
        (folder / "target").mkdir()
        if (parsed := self.settings.warehouse_path.with_name("partial_parse.msgpack")).exists():
            shutil.copyfile(parsed, folder / "target" / parsed.name)
        _write_profile(folder, self.warehouse.name, self.warehouse.dbt_profile())
        _write_profile(folder / "scratch", self.warehouse.name, self.scratch.dbt_profile())
        lasting = {name: value for name, value in self.variables.items() if name not in RUN_VARIABLES}
        request = {
            "parent": os.getpid(),
            "attempt_dir": str(folder),
            "parse": self._common(folder, folder),
            "common": self._common(folder, folder / "scratch"),
            "parse_vars": json.dumps(lasting, sort_keys=True),
            "vars": json.dumps(dict(self.variables), sort_keys=True),
            "candidate_schema": self.variables["candidate_schema"],
            "scratch": {"project_file": "", "database": self.scratch.database, **scratch},
        }
        file = folder / "request.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        code = run_child(self.settings, file, self.lock, self.scratch.child_environment())
        return code, read_attempt(folder)

    def _common(self, folder: Path, profiles: Path) -> list[str]:
        words = ["--project-dir", str(self.settings.dbt_project), "--profiles-dir", str(profiles)]
        words += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        return [*words, "--log-level-file", "none", "--no-use-colors"]


def _write_profile(folder: Path, target: str, output: Mapping[str, object]) -> None:
    profile = {"kehu": {"target": target, "outputs": {target: dict(output)}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
