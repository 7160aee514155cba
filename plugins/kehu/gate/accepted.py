"""Names of drift checks that a run accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kehu.errors import UsageError

_CHECK = re.compile(r"[a-z_]+(:[a-z0-9_.-]+)?")


def accepted_names(names: Sequence[str]) -> frozenset[str]:
    """The names as a set.

    Raises:
        UsageError: one of them cannot be the name of a check.
    """
    for name in names:
        if not _CHECK.fullmatch(name):
            raise UsageError(
                "accept-drift takes the names of drift checks",
                fix="copy the name from the message of the gate, for example growth:fct_orders",
                got=name[:60],
            )
    return frozenset(names)
