"""The `ocella` command."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from ocella.errors import OcellaError

__all__ = ["app", "main"]

_ABOUT = (
    "From a folder of unlabelled images to a small vision model you can trust: label, clean, split, train, prove, "
    "predict. Start with: ocella demo"
)


def app() -> Any:
    """All commands as one typer application."""
    import typer

    from ocella.cli.command import commands

    made = typer.Typer(
        help=_ABOUT, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    made.callback()(_version)
    for command in sorted(commands, key=lambda c: (c.place, c.name)):
        made.command(command.name)(command.run)
    return made


def _version() -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0, that of the error, 2 for wrong usage, 130 when interrupted."""
    import typer

    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        from ocella import __version__

        print(__version__)  # noqa: T201  # the answer
        return 0
    try:
        code = typer.main.get_command(app())(args=given, prog_name="ocella", standalone_mode=False)
    except OcellaError as error:
        return _fail(type(error).__name__, str(error), error.exit_code, given)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("Interrupted", "Stopped. Run the same command again to go on from here.", 130, given)
    except typer.TyperException as error:
        usage: Any = error  # every one that typer raises knows how to show itself, which its base class does not say
        if "--json" in given:
            return _fail("WrongUsage", usage.format_message(), 2, given)
        usage.show()
        return 2
    return code if isinstance(code, int) else 0


def _fail(kind: str, message: str, code: int, given: Sequence[str]) -> int:
    if "--json" in given:
        json.dump({"error": {"type": kind, "message": message, "exit_code": code}}, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stderr.write(f"{kind}: {message}\n")
    return code
