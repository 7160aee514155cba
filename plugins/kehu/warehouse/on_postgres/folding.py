"""The spelling in which texts are compared, in the SQL of Postgres."""

from __future__ import annotations

FOLDED = "lower(normalize(translate({text}, '\u00ad\u200b\u200c\u200d\u2060\ufeff', ''), nfkc))"
"""One spelling of ``{text}`` to compare by: NFKC, lower case, nothing invisible."""
