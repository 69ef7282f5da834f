"""Small tables inside an object's page, in the theme's own look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.edges import figures

# The database keeps the keys of a mapping in an order of its own.
RANK = {
    key: rank
    for rank, key in enumerate(
        ("Instrument", "check", "passed", "value", "limit", "unit", "bid", "ask", "text")
    )
}


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> SafeString | str:
    """Return a table, or a dash where there is no row."""
    body = [list(row) for row in rows]
    if not body:
        return figures.NONE
    shown = {"headers": list(headers), "rows": body}
    return render_to_string("unfold/components/table.html", {"table": shown})


def breaches(reasons: object) -> SafeString | str:
    """Show the reasons of a denial: which check, what it saw, what it allows."""
    found = [reason for reason in reasons if isinstance(reason, Mapping)] if isinstance(reasons, list) else []
    return table(
        ("Check", "Value", "Limit", "Unit", "In words"),
        ([text_of(reason, key) for key in ("check", "value", "limit", "unit", "text")] for reason in found),
    )


def pairs(values: Mapping[str, Any], *, names: tuple[str, str] = ("Name", "Value")) -> SafeString | str:
    """Show a flat mapping as two columns."""
    return table(names, ((key, text_of(values, key)) for key in values))


def records(rows: object) -> SafeString | str:
    """Show a list of like mappings: a column for each key, what a reader looks for first."""
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    keys = sorted({key for row in found for key in row}, key=lambda key: (RANK.get(key, len(RANK)), key))
    return table(
        [key.replace("_", " ") for key in keys], ([text_of(row, key) for key in keys] for row in found)
    )


def keyed(values: Mapping[str, Any], *, name: str) -> SafeString | str:
    """Show a mapping of mappings, its key in the first column."""
    rows = [
        {name: key} | (dict(value) if isinstance(value, Mapping) else {"value": value})
        for key, value in values.items()
    ]
    return records(rows)


def link(title: str, to: str, **query: str) -> SafeString:
    """Return a link to another page, filtered by the query."""
    return format_html('<a class="text-link" href="{}?{}">{}</a>', to, urlencode(query), title)


def text_of(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if value is None or value == "":
        return figures.NONE
    if isinstance(value, bool):
        return "✓ yes" if value else "✗ no"
    return _words(value)


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items()) or figures.NONE
    return f"{value:.6g}" if isinstance(value, float) else figures.readable(str(value))
