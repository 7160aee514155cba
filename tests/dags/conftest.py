"""The DAGs as Airflow's DAG processor reads them, for two sources of which one is required."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

DAGS_FOLDER = ROOT / "dags"

SOURCES = """
sources:
  - name: shop
    kind: files
    path: .
    entities:
      orders: {}
  - name: extra
    kind: files
    path: .
    required: false
    entities:
      customers: {}
  - name: completejourney
    kind: completejourney
"""


@pytest.fixture(scope="session")
def sources_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sources") / "sources.yml"
    file.write_text(SOURCES, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def bag(sources_file: Path) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEHU_SOURCES", str(sources_file))
        patch.setenv("KEHU_TIMEZONE", "Asia/Shanghai")
        return DagBag(DAGS_FOLDER)
