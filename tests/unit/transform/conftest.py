"""A dbt project of a few models, small enough to kill and to break in many ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.settings import Settings, load_settings

PROJECT = """
name: tiny
version: "1.0"
profile: kehu
flags: {send_anonymous_usage_stats: false}
models: {tiny: {+tags: [state]}}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Settings:
    """Settings of a fresh home whose dbt project is a → b → c."""
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "models" / "a.sql").write_text("{{ config(materialized='table') }} select 1 as x")
    (project / "models" / "b.sql").write_text(
        "{{ config(materialized='table') }} select x + 1 as x from {{ ref('a') }}"
    )
    (project / "models" / "c.sql").write_text(
        "{{ config(materialized='table') }} select x + 1 as x from {{ ref('b') }}"
    )
    return load_settings(home=tmp_path / "home", dbt_project=project)
