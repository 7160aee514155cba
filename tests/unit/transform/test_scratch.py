"""An error of the database is told with the line of the model as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.transform.scratch import written_line

MODEL = "models/marts/a.sql"
WRITTEN = "-- what it is for\nwith b as (\n\n    select 1 as c\n\n)\n\nselect nothing_like_it\nfrom b\n"
RAN = 'create table "a" as (\n' + WRITTEN.partition("\n")[2] + ");"
WHERE = f"Runtime Error in model a ({MODEL})\n  "


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ('Binder Error: Referenced column "nothing_like_it" not found\n\nLINE 8: select nothing_like_it', 8),
        ('Binder Error: Referenced column "nothing_like_it" not found in FROM clause!\n  Candidate bindings: "c"', 8),
        ('Parser Error: syntax error at or near "from"\n\nLINE 9: from b', 9),
        ("Catalog Error: Table with name nowhere does not exist!", None),
        ("Conversion Error: something else", None),
    ],
)
def test_the_line_is_that_of_the_model_as_written(tmp_path: Path, message: str, line: int | None) -> None:
    for file, text in ((tmp_path / "project" / MODEL, WRITTEN), (tmp_path / "target/run/kehu" / MODEL, RAN)):
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    expected = None if line is None else f"{MODEL}, line {line}"
    assert written_line(tmp_path / "project", tmp_path / "target", WHERE + message) == expected


def test_a_message_without_a_file_has_no_line(tmp_path: Path) -> None:
    assert written_line(tmp_path, tmp_path, "Database Error\n  LINE 1: x") is None
