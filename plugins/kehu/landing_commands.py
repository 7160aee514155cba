"""``kehu landing``: what has landed, and taking it back."""

from __future__ import annotations

import click

from kehu.settings import load_settings
from kehu.terminal import say


@click.group(invoke_without_command=True)
@click.option("--source", help="of this source alone")
@click.option("--entity", help="of this entity alone")
@click.pass_context
def landing(context: click.Context, source: str | None, entity: str | None) -> None:
    """List what has landed, delivery by delivery; take deliveries back."""
    if context.invoked_subcommand is None:
        from kehu.pipeline.landing_zone import list_deliveries

        for line in list_deliveries(load_settings(), source, entity):
            say(line)


@landing.command()
@click.option("--delivery", "deliveries", multiple=True, metavar="ID", help="its id, or the beginning of it")
@click.option("--source", help="everything of this source")
@click.option("--entity", help="of it this entity alone")
@click.option("--file", help="of it this file alone")
@click.option("--dry-run", is_flag=True, help="tell what would change, change nothing")
def withdraw(
    deliveries: tuple[str, ...], source: str | None, entity: str | None, file: str | None, dry_run: bool
) -> None:
    """Take a delivery, a file or a source back: its rows are kept, and count for nothing."""
    from kehu.pipeline.landing_zone import Selection, withdraw_deliveries

    for line in withdraw_deliveries(load_settings(), Selection(deliveries, source, entity, file), dry_run):
        say(line)


@landing.command()
@click.argument("number", type=int)
@click.option("--dry-run", is_flag=True, help="tell what would change, change nothing")
def undo(number: int, dry_run: bool) -> None:
    """Take a decision back: what it withdrew counts again."""
    from kehu.pipeline.landing_zone import undo_decision

    for line in undo_decision(load_settings(), number, dry_run):
        say(line)


@landing.command()
@click.argument("source")
def keep(source: str) -> None:
    """Keep what a source has landed that sources.yml does not name any more."""
    from kehu.pipeline.landing_zone import keep_source

    say(keep_source(load_settings(), source))
