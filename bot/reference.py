"""Writes the reference pages that are made from the code and the data."""

from pathlib import Path


def write_pages(project: Path, *, only_check: bool) -> list[str]:
    """Write every generated page; the names of those that were stale."""
    return []
