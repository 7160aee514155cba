"""Writes what is made of entities.yml (``make entities``): a macro, staging's models and documentation, the docs' table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

from kehu.entities import ENTITIES, Column, Entity

ROOT = Path(__file__).resolve().parents[1]
DBT = Path("dbt_project")
STAGING = DBT / "models" / "staging"
BEGIN, END = "<!-- entities: begin -->", "<!-- entities: end -->"
_MADE = "made from entities.yml by `make entities`: change it there"
_ABOUT = {
    "email": "E-mail address as delivered, trimmed.",
    "phone": "Phone number as delivered, trimmed.",
    "created_at": "When it was created, UTC.",
}
_BLOCKS = {
    "exchange_rate": "What one unit of the currency is worth in the reporting currency, by the latest rate on or before the"
    " day; 1 for the reporting currency.",
    "is_deleted": "Never true here: rows that say they are deleted are left out.",
    "updated_at": "When the source last changed the record, UTC; the latest version is in force.",
    "_source": "Name of the source.",
    "_file": "File the row came from.",
    "_batch_id": "Batch the row was landed in.",
    "_row_number": "Position in the file, from 1.",
    "_extracted_at": "When the batch was extracted, UTC.",
    "_extra": "Delivered fields that are not canonical, as JSON.",
    "_disposition": "staged, superseded, deleted, quarantined or withdrawn.",
    "_reason": "Why the row is quarantined; begins with the name of the column.",
    "_is_replaced": "Whether a later snapshot or window batch of the source replaces the row.",
    "_problems": "The optional columns whose values cannot be read, with commas between; they are null, the row is kept.",
    "_remarks": "What staging took otherwise than it stood there, with commas between: cleaned and the id's column, placeholder"
    " and the column whose value is none, assumed and a currency that is empty; the row is kept.",
    "_changed_in": "The number of the state in which the row came or last changed its disposition.",
    "_sequence": "Place of the row's batch in the order of landing.",
    "reason": "The first problem of the row, in column order.",
    "reason_column": "The canonical column that has the problem; null where the row could not be parsed.",
    "reason_value": "The value of that column as delivered, or the error of the parser.",
    "delivered": "All canonical columns as delivered, as a JSON object.",
    "_raw": "The text of a row that could not be parsed.",
}
"""What the columns of all entities mean: blocks of documentation that dbt fills in."""
_OF_BASE = ("_disposition", "_reason", "_problems", "_remarks", "_is_replaced", "_changed_in", "_sequence")
_OF_STAGED = ("_source", "_file", "_batch_id", "_row_number", "_extracted_at", "_extra")
_OF_QUARANTINE = ("reason", "reason_column", "reason_value", "delivered", "_raw")


def files() -> dict[Path, str]:
    """Every file that is made, with its content; ``docs/sources.md`` holds words of its own around the table."""
    made = {
        DBT / "macros" / "staging" / "entities.sql": _macro(),
        STAGING / "staging.yml": _models(),
        STAGING / "staging.md": _blocks(),
        STAGING / "landing.yml": _landing(),
        Path("docs/sources.md"): _table((ROOT / "docs" / "sources.md").read_text(encoding="utf-8")),
    }
    for name in ENTITIES:
        made[STAGING / f"stg_{name}.sql"] = f"{{{{ staged('{name}') }}}}\n"
        made[STAGING / f"quarantine_{name}.sql"] = f"{{{{ quarantined('{name}') }}}}\n"
    return made


def _macro() -> str:
    lines = [f"{{#- The canonical entities; {_MADE}. -#}}", "{% macro entities() -%}", "{{ return({"]
    for entity in ENTITIES.values():
        lines += [
            f"    '{entity.name}': {{",
            f"        'key': {list(entity.key)},",
            f"        'one_of': {list(entity.one_of)},",
            f"        'happened': {list(entity.happened)},",
            "        'columns': [",
            *(f"            {_words(column)}," for column in entity.columns),
            "        ],",
            "        'staged': [",
            *(f"            {_words(column)}," for column in entity.staged),
            "        ],",
            "    },",
        ]
    return "\n".join([*lines, "}) }}", "{%- endmacro %}", ""])


def _words(column: Column) -> str:
    words = {"name": column.name, "type": column.type, "of": column.of or "", "required": column.required}
    words |= {"person": column.person or "", "empty_means": column.empty_means or ""}
    return "{" + ", ".join(f"'{key}': {value!r}" for key, value in words.items()) + "}"


def _models() -> str:
    lines = [f"# {_MADE[0].upper()}{_MADE[1:]}.", "version: 2", "", "models:"]
    for entity in ENTITIES.values():
        for name, about, columns in _described(entity):
            lines += [f"  - name: {name}", "    description: >", _folded(about, 6)]
            if name.startswith("stg_"):
                lines += ["    data_tests:", f"      - is_key: {{arguments: {{columns: [{', '.join(_key(entity))}]}}}}"]
            lines += ["    columns:"]
            for column, meaning in columns.items():
                lines += [f"      - name: {column}", *_description(meaning)]
            lines += [""]
    return "\n".join(lines)


def _folded(text: str, indent: int) -> str:
    """A text in lines of at most 120 characters."""
    return fill(text, 120, initial_indent=" " * indent, subsequent_indent=" " * indent)


def _description(meaning: str) -> list[str]:
    if len(meaning) < 110:
        return [f"        description: {json.dumps(meaning, ensure_ascii=False)}"]
    return ["        description: >", _folded(meaning, 10)]


_BASE = (
    "Every landed row of the entity, typed, with its `_disposition`: staged (in force), superseded (there is a later version),"
    " deleted (says so, or a later snapshot or window took it away), quarantined (cannot be used, see `_reason`) or withdrawn"
    " (the delivery was taken back). One row per landed row."
)
_QUARANTINE = (
    "that cannot be used, with what a person needs to find and mend them. A row is freed by landing a mended version, or by"
    " mending the rule that it fails. One row per landed row that is quarantined."
)


def _described(entity: Entity) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The models of an entity, what each is and what its columns mean."""
    in_force = "The versions in force: the latest of each key, deleted ones left out."
    columns = {**_meanings(entity), **{name: _block(name) for name in _OF_STAGED}}
    yield f"base_{entity.name}", f"{entity.about} {_BASE}", {name: _block(name) for name in _OF_BASE}
    yield f"stg_{entity.name}", f"{entity.about} {in_force} One row per {entity.grain}.", columns
    about = f"Rows of {entity.name} {_QUARANTINE}"
    yield f"quarantine_{entity.name}", about, {name: _block(name) for name in _OF_QUARANTINE}


def _meanings(entity: Entity) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in (*entity.columns, *entity.staged):
        found[column.name] = _meaning(entity, column)
        if column.name == entity.key[0] and column.of:
            found[f"source_{column.name}"] = f"The source's own id of the {_noun(column.name)}."
    return found


def _meaning(entity: Entity, column: Column) -> str:
    if column.about:
        return column.about
    if column.name in _BLOCKS:
        return _block(column.name)
    if column.of:
        is_own = column.of == entity.name and column.name in entity.key
        return "Published id, source:id." if is_own else f"Published id of the {_noun(column.name)}, source:id."
    if column in entity.staged and column.type == "date":
        return f"Business date of {column.name.removesuffix('_date')}ed_at."
    return _meaning_by_type(column)


def _meaning_by_type(column: Column) -> str:
    """What the name and the type say of a column."""
    name = column.name
    words = name.replace("_", " ")
    empty = "; the reporting currency where none was delivered" if column.empty_means else ""
    by_type = {
        "currency": f"Currency code in capitals{empty}.",
        "timestamp": f"When it was {words.removesuffix(' at')}, UTC.",
        "boolean": f"Whether it is {words.removeprefix('is ')}.",
    }
    if column.empty_means == "all":
        return f"{words.capitalize()}, as delivered; all where none was."
    return _ABOUT.get(name, by_type.get(column.type, f"{words.capitalize()}, as delivered."))


def _noun(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _key(entity: Entity) -> tuple[str, ...]:
    published = any(entity.column(name).of for name in entity.key)
    return entity.key if published else ("_source", *entity.key)


def _block(name: str) -> str:
    return f"{{{{ doc('{_block_name(name)}') }}}}"


def _block_name(name: str) -> str:
    return f"{'quarantine' if name in _OF_QUARANTINE else 'staging'}_{name.strip('_')}"


def _blocks() -> str:
    lines = [f"<!-- {_MADE[0].upper()}{_MADE[1:]}. -->"]
    for name, meaning in _BLOCKS.items():
        lines += ["", f"{{% docs {_block_name(name)} %}}", fill(meaning, 120), "{% enddocs %}"]
    return "\n".join([*lines, ""])


def _landing() -> str:
    lines = [
        f"# {_MADE[0].upper()}{_MADE[1:]}.",
        "version: 2",
        "",
        "sources:",
        "  - name: landing",
        "    description: >",
    ]
    about = (
        "The committed batches of the landing zone, one view an entity. All canonical columns are text exactly as delivered (null"
        " where the batch did not deliver them), followed by the plumbing columns."
    )
    lines += [_folded(about, 6), "    schema: landing", "    tables:"]
    for name in ENTITIES:
        row = f"Rows of the entity {name} as delivered, rejects included. One row per row of a landed batch."
        lines += [f"      - name: {name}", f"        description: {row}"]
    return "\n".join([*lines, ""])


def _table(page: str) -> str:
    """The page with the table of canonical columns between its marks."""
    lines = ["| entity | key | columns |", "|---|---|---|"]
    for entity in ENTITIES.values():
        listed = ", ".join(
            _in_table(column) for column in entity.columns if column.name not in ("updated_at", "is_deleted")
        )
        one_of = f"; one of {', '.join(entity.one_of)}" if entity.one_of else ""
        key = ", ".join(entity.key) + (f" (else {', '.join(entity.key_else)})" if entity.key_else else "")
        lines.append(f"| {entity.name} | {key} | {listed}{one_of} |")
    table = "\n".join([BEGIN, *lines, END])
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: table, page, flags=re.DOTALL)


def _in_table(column: Column) -> str:
    kind = f" ({column.type})" if column.type not in ("id", "text", "currency") else ""
    return f"{column.name}{'*' if column.required else ''}{kind}"


def main() -> None:
    """Write every file that differs from what it should be."""
    for path, text in files().items():
        file = ROOT / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
