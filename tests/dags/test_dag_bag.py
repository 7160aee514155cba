"""The DAG files can be read, cheaply, and are the DAGs that their names promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.dags.conftest import DAGS_FOLDER

INGEST_FILE = "ingest"
HEAVY = ("pyspark", "great_expectations", "duckdb", "pandas", "pyarrow", "dbt", "plotly")


def test_no_dag_file_fails_to_import(bag: Any) -> None:
    assert bag.import_errors == {}


def test_the_folder_is_absolute_and_every_file_is_its_dag(bag: Any) -> None:
    assert DAGS_FOLDER.is_absolute()
    stems = {file.stem for file in DAGS_FOLDER.glob("*.py")}
    sources = {"shop", "extra", "completejourney"}
    assert set(bag.dags) == (stems - {INGEST_FILE}) | {f"ingest_{name}" for name in sources}
    for dag in bag.dags.values():
        stem = Path(dag.fileloc).stem
        assert dag.dag_id == stem or (stem == INGEST_FILE and dag.dag_id.startswith("ingest_"))


@pytest.mark.parametrize("file", sorted(DAGS_FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_a_dag_file_is_forty_to_ninety_lines_and_is_not_skipped_in_silence(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "airflow" in text.lower(), "Airflow skips a file that does not hold this word"
    assert "dag" in text.lower(), "Airflow skips a file that does not hold this word"
    assert 40 <= len(text.splitlines()) <= 90, "a DAG file is wiring: move what is more into kehu.orchestration"


def in_a_new_process(code: str, sources_file: Path, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KEHU_SOURCES": str(sources_file), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_reading_every_dag_file_imports_nothing_heavy(sources_file: Path) -> None:
    code = f"""
import importlib.util, json, pathlib, sys
for file in sorted(pathlib.Path({str(DAGS_FOLDER)!r}).glob("*.py")):
    spec = importlib.util.spec_from_file_location("dag_" + file.stem, file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    assert in_a_new_process(code, sources_file) == [], "import it inside the step: DAG files are parsed all day"


def test_airflow_loads_the_plugin_and_no_module_of_the_package_under_its_bare_name(sources_file: Path) -> None:
    code = f"""
import json, pathlib, sys
from airflow import plugins_manager
loaded = [plugin.name for plugin in plugins_manager._get_plugins()[0]]
package = pathlib.Path({str(ROOT / "plugins" / "kehu")!r})
bare = [
    name for name, module in sys.modules.items()
    if getattr(module, "__file__", None) and package in pathlib.Path(module.__file__).parents
    and not (name == "kehu" or name.startswith("kehu."))
]
print(json.dumps({{"loaded": loaded, "errors": plugins_manager._get_plugins()[1], "bare": bare}}))
"""
    found = in_a_new_process(code, sources_file, AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"))
    assert "kehu" in found["loaded"]
    assert found["errors"] == {}
    assert found["bare"] == [], "plugins/.airflowignore must keep Airflow from executing the package's files"


def test_a_broken_sources_file_is_the_import_error_of_its_dags_but_rollback_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    broken = tmp_path / "sources.yml"
    broken.write_text("sources:\n  - name: shop\n    kind: filez\n", encoding="utf-8")
    monkeypatch.setenv("KEHU_SOURCES", str(broken))
    bag = DagBag(DAGS_FOLDER)
    errors = {Path(file).stem: text for file, text in bag.import_errors.items()}
    assert set(errors) == {"ingest", "build_customers"}
    for text in errors.values():
        assert "ConfigurationError: there is no such kind of source" in text
        assert "files" in text, "it names the nearest valid kind"
    assert set(bag.dags) == {"rollback_release", "check_freshness", "erase_customer"}
