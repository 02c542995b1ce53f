"""What a command is: a name and a function whose annotations are its options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ocella.registry import Registry

__all__ = ["Command", "commands"]


@dataclass(frozen=True)
class Command:
    """One command. `run` takes its options by annotation; its docstring is the help. `place` orders the list."""

    name: str
    run: Callable[..., Any]
    place: int = 50


commands: Registry[Command] = Registry("command", "ocella.cli.commands", "ocella.commands", Command)
"""Every command, by walking `commands/` and the entry points `ocella.commands`."""
