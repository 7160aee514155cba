"""A business day is a day that a shop can have had: the command line and Airflow take the same ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kehu.cli import main
from kehu.errors import UsageError
from kehu.pipeline.business_day import parse_as_of
from kehu.release.ids import parse_release_id, release_id

NOW = datetime.fromisoformat("2024-03-02T22:30:00")


@pytest.mark.parametrize(
    "text", ["", "2018-02-30", "2024-W10-1", "20180101", "2018-1-01", "2018-01-01\n", " 2018-01-1", "２０１８-01-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a business day"):
        parse_as_of(text, NOW, "UTC")


@pytest.mark.parametrize("text", ["0001-01-01", "0999-12-31", "1969-12-31"])
def test_a_day_before_all_books_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="as early as that"):
        parse_as_of(text, NOW, "UTC")


@pytest.mark.parametrize("now", [NOW, NOW.replace(tzinfo=UTC)], ids=["naive", "aware"])
def test_today_is_the_last_day_in_the_business_time_zone(now: datetime) -> None:
    assert parse_as_of("1970-01-01", now, "UTC") == date(1970, 1, 1)
    assert parse_as_of("2024-03-02", now, "UTC") == date(2024, 3, 2)
    assert parse_as_of("2024-03-03", now, "Asia/Shanghai") == date(2024, 3, 3)
    with pytest.raises(UsageError, match=r"has not begun.*today='2024-03-02'"):
        parse_as_of("2024-03-03", now, "UTC")


@pytest.mark.parametrize("command", ["run", "build"])
@pytest.mark.parametrize("text", ["0001-01-01", "2024-W10-1", "9999-12-31"])
def test_the_command_line_refuses_it_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, text: str
) -> None:
    monkeypatch.setenv("KEHU_HOME", str(tmp_path / "home"))

    with pytest.raises(SystemExit) as caught:
        main([command, "--as-of", text])

    assert caught.value.code == 2
    assert "UsageError" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_the_id_of_any_day_can_be_taken_apart_again() -> None:
    for day in (date.min, date(999, 12, 31), date(2018, 1, 1), date.max):
        assert parse_release_id(release_id(day, NOW)).as_of == day
