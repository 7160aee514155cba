"""``kehu actions``: whom to speak to, by when, why and how."""

from __future__ import annotations

import click

from kehu.settings import load_settings
from kehu.terminal import say


@click.command()
@click.option("--tier", "tiers", multiple=True, metavar="P1", help="of this priority alone; may be repeated")
@click.option("--due", "due_days", type=click.IntRange(min=0), metavar="DAYS", help="due within so many days after D")
@click.option("--format", "form", type=click.Choice(["csv", "table"]), default="table", show_default=True)
@click.option(
    "--personal", "with_personal", is_flag=True, help="with name and addresses, for who may read the warehouse"
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="default: KEHU_LANGUAGE")
@click.option("--export", "does_export", is_flag=True, help="write the folder of the release for other tools instead")
def actions(tiers: tuple[str, ...], due_days: int | None, form: str, language: str | None, **flags: bool) -> None:
    """List what is to be done for whom; nobody who is held out or did not agree is on it."""
    from kehu.pipeline.action_lists import action_lines, export_actions

    settings = load_settings(**({"language": language} if language else {}))
    if flags["does_export"]:
        if tiers or due_days is not None or flags["with_personal"]:
            raise click.UsageError(
                "--export writes the whole list without personal columns: leave the other options out"
            )
        say(str(export_actions(settings)))
        return
    for line in action_lines(settings, tiers, due_days, form=form, with_personal=flags["with_personal"]):
        say(line)
