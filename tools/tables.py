"""Tables of Markdown."""

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["flat", "table"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table; bars and line ends inside cells are made harmless."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(flat(cell).replace('|', chr(92) + '|') for cell in row)} |"


def flat(text: str | None) -> str:
    """Text on one line."""
    return " ".join((text or "").split())
