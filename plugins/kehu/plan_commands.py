"""``kehu plan`` and ``kehu dbt``: what an analyst asks before anybody reads an edit."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kehu.settings import load_settings
from kehu.terminal import say

CHANGES = 4
"""The exit code of a plan that changes something."""
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--html", "page", type=_FILE, help="write the plan as a page")
@click.option("--markdown", type=_FILE, help="write it for a pull request; - prints it")
@click.option("--json", "data", type=_FILE, help="write all of it as data; - prints it")
@click.option("--no-checks", is_flag=True, help="ask neither dbt's tests nor gate and drift")
def plan(page: Path | None, markdown: Path | None, data: Path | None, no_checks: bool) -> None:
    """Show what your edits would change in the published release.

    Nothing of the warehouse or the release is touched. Exit code 0: nothing changes; 4: something does.
    """
    from kehu.pipeline.planning.planner import plan_edits
    from kehu.pipeline.planning.showing import plan_as_markdown, plan_as_page, plan_as_text

    found = plan_edits(load_settings(), is_judged=not no_checks)
    wanted = (
        (page, lambda: plan_as_page(found)),
        (markdown, lambda: plan_as_markdown(found)),
        (data, lambda: json.dumps(found.as_data(), indent=1, ensure_ascii=False) + "\n"),
    )
    is_printed = any(file is not None and str(file) == "-" for file, _ in wanted)
    for file, text in wanted:
        if file is not None and str(file) == "-":
            click.echo(text(), nl=False)
        elif file is not None:
            file.write_text(text(), encoding="utf-8")
            say(f"written: {file}", err=True)
    if not is_printed:
        say(plan_as_text(found))
    raise SystemExit(CHANGES if found.changes_something else 0)


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.option("--write-profile", "writes_profile", is_flag=True, help="make plain dbt and editors work from any folder")
@click.option("--profiles", type=_FILE, help="the file to write  [default: ~/.dbt/profiles.yml]")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def dbt(writes_profile: bool, profiles: Path | None, words: tuple[str, ...]) -> None:
    """Run any dbt command on the data of the published release, in a scratch database.

    As in `kehu dbt show -s customer_rfm --limit 20`. What it builds is seen by nobody else.
    """
    from kehu.pipeline.dbt_shell import run_dbt, write_profile

    settings = load_settings()
    if writes_profile:
        file = profiles or Path.home() / ".dbt" / "profiles.yml"
        write_profile(settings, file)
        say(f"written: {file}")
        return
    raise SystemExit(run_dbt(settings, words))
