"""The files of the repository, as a clone has them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("bench", "dags", "dbt_project", "deploy", "docs", "examples", "expectations", "plugins", "tests", "tools")
SUFFIXES = {".py", ".sql", ".md", ".yml", ".yaml", ".toml", ".sh", ".csv", ".cfg", ".txt"}
_MADE = {"__pycache__", "target", "logs", "node_modules"}


def text_files() -> list[Path]:
    """Every text that people write here: those of the top folder and below the known folders, sorted."""
    top = [file for file in ROOT.iterdir() if file.is_file() and (file.suffix in SUFFIXES or file.name == "Makefile")]
    below = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES]
    kept = [file for file in [*top, *below] if not _MADE & set(file.relative_to(ROOT).parts)]
    return sorted(file for file in kept if file.is_file())
