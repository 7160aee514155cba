"""What may be told of an engine's message: a value may be personal, and a message goes to logs.

DuckDB does not escape a quote inside a value that it quotes, so that no pattern finds where the value ends. Therefore nothing
of a message is kept but what stands in the lists below.
"""

from __future__ import annotations

import re

_KIND = re.compile(
    r"\s*((?:Conversion|Invalid Input|Out of Range|Out of Memory|IO|Binder|Catalog|Parser|Constraint|Mismatch Type"
    r"|Not implemented|Permission|Serialization|Internal|INTERNAL|INTERRUPT) Error)\b"
)
_PROBLEM = re.compile(
    r"Could not (?:convert string|cast value|parse string|read from file)"
    r"|invalid (?:date|time|timestamp) field format|(?:date|time|timestamp) field value out of range"
    r"|(?:date/time field |numeric |integer |bigint )(?:value out of range|field overflow|overflow|out of range)"
    r"|Malformed JSON|division by zero|Overflow in [a-z]+ of [A-Z0-9]+|value is out of range|Date out of range"
    r"|can't be cast|could not convert blob to UTF8|Could not decode to UTF-8|More than one row returned by a subquery"
    r"|invalid input syntax for type [a-z]+|invalid byte sequence"
    r"|No magic bytes found|too small to be a Parquet file|[Dd]ecompression failure|Maximum line size"
    r"|No space left on device|Permission denied|No such file or directory|Input/output error"
)
_TYPE = r"(?:[A-Z]+[0-9]*|DECIMAL\(\d+,\d+\)|TIMESTAMP WITH TIME ZONE)(?:\[\])?"
_TARGET = re.compile(rf"[^'\"]* to (?:type |the destination type )?({_TYPE})(?= when casting|$)")
_COLUMN = re.compile(r"[^'\"]*( when casting from source column [A-Za-z_]\w*)$")
_POSITION = re.compile(r"\s*\n\s*\n\s*LINE \d+:")


def without_values(error: Exception) -> str:
    """The kind of an error and its problem in the engine's own words, with the types and without any value."""
    # Where the statement is quoted is behind the message; the last one, as a value may look like it.
    message = str(error)
    places = list(_POSITION.finditer(message))
    message = (message[: places[-1].start()] if places else message).strip()
    kind, problem = _KIND.match(message), _PROBLEM.search(message)
    tail = re.split(r"['\"]", message)[-1]
    target, column = _TARGET.match(tail), _COLUMN.match(tail)
    told = [kind[1] if kind else _name(error, message), problem[0] if problem else ""]
    about = (f" … to {target[1]}" if target and problem else "") + (column[1] if column and problem else "")
    return ": ".join(part for part in told if part) + about


def _name(error: Exception, message: str) -> str:
    """The name of the error's class; where a driver's message is wrapped, a message that is nothing but such a name."""
    if type(error) is not Exception:
        return type(error).__name__
    return message if re.fullmatch(r"[A-Z][A-Za-z]+", message) else ""
