"""dbt as analysts know it, on the data of the published release and in a database of their own.

``KEHU_HOME/scratch/dbt`` holds a copy of the warehouse and, for the terminal and for editors, a small file each in which all of
the copy shows. dbt reads and builds there; the warehouse, the release and the scheduled builds never see it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from kehu.errors import UsageError
from kehu.files.private import close_scratch
from kehu.pipeline.planning.base import Base, open_base, require_state
from kehu.pipeline.variables import dbt_variables
from kehu.settings import Settings, child_environment
from kehu.sources.config import load_sources
from kehu.transform.runner import RUN_VARIABLES
from kehu.warehouse.factory import open_scratch, open_warehouse
from kehu.warehouse.protocol import Scratch

_BEGIN, _END = "# written by `kehu dbt --write-profile`", "# end of what kehu has written"
_MADE_FOR = "release.txt"
_VARS = "--vars"


def run_dbt(settings: Settings, words: Sequence[str]) -> int:
    """Run any command of dbt with profile, vars and a place of its own; its exit code.

    Raises:
        PlanError: nothing is published, or the warehouse has moved on since.
        UsageError: ``--vars`` is no mapping.
    """
    base = open_base(settings)
    scratch = _place(settings, base, "terminal")
    _write_profile(scratch.folder / "profiles.yml", base, scratch)
    environment = {
        **child_environment(),
        **scratch.child_environment(),
        "DBT_PROJECT_DIR": str(settings.dbt_project),
        "DBT_PROFILES_DIR": str(scratch.folder),
        "DBT_TARGET_PATH": str(scratch.folder / "target"),
        "DBT_LOG_PATH": str(scratch.folder / "logs"),
    }
    command = [sys.executable, "-m", "dbt.cli.main", *_with_variables(settings, base, words)]
    return subprocess.run(command, env=environment, check=False).returncode


def write_profile(settings: Settings, file: Path) -> None:
    """Write the profile that makes plain ``dbt`` and editors work from any folder; other profiles of the file stay.

    Raises:
        UsageError: the file has a profile of this name that somebody else has written.
    """
    base = open_base(settings)
    scratch = _place(settings, base, "editor")
    kept = _without_ours(file.read_text(encoding="utf-8")) if file.exists() else ""
    if "kehu" in (yaml.safe_load(kept) or {}):
        raise UsageError("the file has a profile `kehu` already", fix="remove it, or name another file", file=str(file))
    ours = f"{_BEGIN}\n{_profile(base, scratch)}{_END}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{kept.rstrip()}\n\n{ours}" if kept.strip() else ours, encoding="utf-8")


def _place(settings: Settings, base: Base, name: str) -> Scratch:
    """The terminal's or the editors' place, made anew when another release is published."""
    whole = settings.scratch_dir / "dbt"
    scratch = open_scratch(settings, whole / name, whole / "copy" / settings.warehouse_path.name)
    if _is_of(whole / "copy", base) and _is_of(whole / name, base):
        return scratch
    warehouse = open_warehouse(settings)
    with warehouse.writing("kehu dbt"):
        with warehouse.session(read_only=True) as session:
            require_state(session, base)
        if not _is_of(whole / "copy", base):
            shutil.rmtree(whole, ignore_errors=True)
            close_scratch(settings)
            scratch.copy_base()
            (whole / "copy" / _MADE_FOR).write_text(base.release_id, encoding="utf-8")
    scratch.remove()
    with scratch.session() as session:
        scratch.show(session, lambda schema: _shown_as(schema, base.schema), lambda _schema, _name: False)
    (scratch.folder / _MADE_FOR).write_text(base.release_id, encoding="utf-8")
    return scratch


def _is_of(folder: Path, base: Base) -> bool:
    file = folder / _MADE_FOR
    return file.exists() and file.read_text(encoding="utf-8") == base.release_id


def _shown_as(schema: str, candidate: str) -> str | None:
    """The candidate of the release is `candidate`, as dbt calls it where no run has named it; others are not shown."""
    if schema.startswith(candidate):
        return "candidate" + schema.removeprefix(candidate)
    return None if schema.startswith("candidate_") else schema


def _profile(base: Base, scratch: Scratch) -> str:
    # the target is named after the release: from there the models know the day where no var says it
    return yaml.safe_dump(
        {"kehu": {"target": str(base.release_id), "outputs": {str(base.release_id): scratch.dbt_profile()}}}
    )


def _write_profile(file: Path, base: Base, scratch: Scratch) -> None:
    file.write_text(_profile(base, scratch), encoding="utf-8")


def _without_ours(text: str) -> str:
    before, begin, rest = text.partition(_BEGIN)
    return before + rest.partition(_END)[2].lstrip("\n") if begin else text


def _with_variables(settings: Settings, base: Base, words: Sequence[str]) -> list[str]:
    """The words of the command with the vars of sources.yml; those that somebody names there win."""
    config = load_sources(settings.sources)
    variables = dbt_variables(settings, base.release_id, base.run.as_of, config.for_models)
    lasting = {name: value for name, value in variables.items() if name not in RUN_VARIABLES}
    given: dict[str, object] = {}
    kept = list(words)
    if _VARS in kept:
        at = kept.index(_VARS)
        given = yaml.safe_load("".join(kept[at + 1 : at + 2])) or {}
        if not isinstance(given, dict):
            raise UsageError("--vars takes a mapping", fix="write --vars '{new_days: 90}'")
        del kept[at : at + 2]
    return [*kept, _VARS, json.dumps({**lasting, **given}, sort_keys=True)] if kept else kept
