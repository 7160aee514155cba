"""What the command line prints: values and names that others wrote cannot steer the terminal."""

from __future__ import annotations

import logging

import click

from kehu.printable import printable


def say(text: str, err: bool = False) -> None:
    """Print; what others wrote cannot steer the terminal."""
    click.echo(printable(text, lines=True), err=err)


class PlainLines(logging.Formatter):
    """Log lines of one line each, whatever a name holds; only the lines of a traceback are lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message without what could steer a terminal."""
        record.message = printable(record.message)
        return super().formatMessage(record)
