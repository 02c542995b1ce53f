"""How long work tells what it has done."""

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str, int, int, str], None]
"""Called with stage, steps done, steps in all, and what is at hand."""


def silent(_stage: str, _done: int, _total: int, _what: str) -> None:
    """Tell nobody."""
