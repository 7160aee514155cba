"""What a day says when only its end fails: nobody may take it for a day that was not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.errors import ReportError
from kehu.pipeline import daily
from kehu.pipeline.old_runs import remove_run
from kehu.release.publish import PublishOutcome
from kehu.settings import Settings

RELEASE = "r20180101_20260102t031500"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home whose folder of reports is a file."""
    (tmp_path / "reports").write_text("in the way")
    (tmp_path / "releases" / RELEASE).mkdir(parents=True)
    return Settings(home=tmp_path)


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception, *, is_current: bool = True) -> str:
    """The message of a day whose report raises ``error``; the steps before it do nothing."""

    def fail(*_: object) -> None:
        raise error

    outcome = PublishOutcome(RELEASE, is_current, False, None)
    steps = {
        "source_names": [],
        "start_run": RELEASE,
        "build_all": None,
        "gate_candidate": None,
        "publish_run": outcome,
    }
    for name, value in steps.items():
        monkeypatch.setattr(daily, name, lambda *_, value=value: value)
    monkeypatch.setattr(daily, "write_report", fail)
    with pytest.raises(ReportError) as caught:
        daily.run_day(settings, daily.utc_now().date())
    return str(caught.value)


def test_a_report_that_fails_after_the_swap_says_that_the_release_is_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = run(settings, monkeypatch, FileExistsError(17, "File exists", str(settings.reports_dir)))

    assert f"release {RELEASE} is published; only its report failed" in message
    assert f"To fix: `kehu report {RELEASE}`" in message
    assert str(settings.reports_dir) in message


def test_a_release_that_is_only_stored_is_not_called_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = run(settings, monkeypatch, OSError(28, "No space left on device"), is_current=False)

    assert f"release {RELEASE} is stored, and BI stays with the later release; only its report failed" in message


def test_the_text_of_an_unexpected_error_is_left_out_since_it_may_quote_a_row(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = run(settings, monkeypatch, RuntimeError("cannot read Zebulon Quartermain"))

    assert "cause='RuntimeError'" in message
    assert "Zebulon" not in message


def test_what_stands_beside_a_pruned_release_is_removed_as_far_as_it_goes(settings: Settings) -> None:
    (settings.runs_dir / RELEASE).mkdir(parents=True)

    remove_run(settings, RELEASE)

    assert not (settings.runs_dir / RELEASE).exists()
