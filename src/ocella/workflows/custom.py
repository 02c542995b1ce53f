"""Blocks that a definition brings as Python code."""

from collections.abc import Mapping, Sequence
from typing import Any

from ocella.workflows.block import Block
from ocella.workflows.problems import Problem

__all__ = ["custom_blocks"]


def custom_blocks(definitions: Sequence[Mapping[str, Any]], problems: list[Problem]) -> dict[str, type[Block]]:
    """A class for each, by type."""
    del definitions, problems
    return {}
