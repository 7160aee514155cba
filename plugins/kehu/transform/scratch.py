"""Runs dbt for a plan: its parse of the project as it is now, and nodes by their names in a database of the plan's own."""

from __future__ import annotations

import json
import os
import re
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

_FILE = re.compile(r"\((models/[^)]+\.sql)\)")
_LINE = re.compile(r"\bLINE (\d+):")
_NAME = re.compile(r"(?:column|Table with name|near|function with name) \"?([\w.]+)\"?", re.IGNORECASE)


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
                fix="correct the model and plan again; `kehu dbt compile` writes its compiled file",
                node=broken[0].node_id,
                written=written_line(self.settings.dbt_project, self._last_target(), broken[0].message),
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

    def _last_target(self) -> Path:
        number = len(list(self.scratch.folder.glob("dbt/attempt_*")))
        return self.scratch.folder / "dbt" / f"attempt_{number}" / "target"

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


def written_line(dbt_project: Path, target: Path, message: str) -> str | None:
    """Where what a database complains of stands in the model as somebody has written it; None if that cannot be told.

    Args:
        dbt_project: the project's folder.
        target: the folder into which dbt has written the statements that it ran.
        message: dbt's, with the model's file, and the database's with ``LINE 12:`` or with the name that it does not know.
    """
    file = _FILE.search(message)
    if file is None:
        return None
    try:
        written = (dbt_project / file[1]).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    ran = _line_that_ran(target / "run" / "kehu" / file[1], message)
    found = [number for number, text in enumerate(written, start=1) if ran and text.strip() == ran]
    if not found and (name := _NAME.search(message)):
        word = re.compile(rf"\b{re.escape(name[1])}\b")
        found = [number for number, text in enumerate(written, start=1) if word.search(text)]
    return f"{file[1]}, line {found[0]}" if len(found) == 1 else None


def _line_that_ran(file: Path, message: str) -> str | None:
    line = _LINE.search(message)
    try:
        return file.read_text(encoding="utf-8").splitlines()[int(line[1]) - 1].strip() if line else None
    except (OSError, IndexError):
        return None


def _write_profile(folder: Path, target: str, output: Mapping[str, object]) -> None:
    profile = {"kehu": {"target": target, "outputs": {target: dict(output)}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
