"""Every command of the registry keeps the same promises."""

import json
import re
from typing import Any

import pytest
import typer

from ocella.cli.command import Command, commands
from ocella.cli.main import app, main

every_command = pytest.mark.parametrize("command", list(commands), ids=lambda c: c.name)


def parameters(command: Command) -> list[Any]:
    """Options and arguments, as typer makes them from the annotations."""
    group: Any = typer.main.get_command(app())
    return [p for p in group.commands[command.name].params if p.name != "help"]


def test_all_are_in_the_application_in_order_of_place() -> None:
    group: Any = typer.main.get_command(app())
    assert set(group.commands) == {c.name for c in commands}
    assert list(group.commands) == [c.name for c in sorted(commands, key=lambda c: (c.place, c.name))]


@every_command
def test_its_name_is_one_word_or_kebab_case(command: Command) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", command.name)


@every_command
def test_it_says_what_it_does(command: Command) -> None:
    assert len((command.run.__doc__ or "").strip()) > 15


@every_command
def test_every_option_and_argument_says_what_it_is(command: Command) -> None:
    found = parameters(command)
    assert found
    assert [p.name for p in found if len((getattr(p, "help", "") or "").strip()) < 5] == []


@every_command
def test_it_speaks_json(command: Command) -> None:
    assert "--json" in [name for p in parameters(command) for name in p.opts]


@every_command
def test_its_help_can_be_read(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command.name, "--help"]) == 0
    told = capsys.readouterr().out
    assert (command.run.__doc__ or "").split()[0] in told
    for parameter in parameters(command):
        for name in parameter.opts:
            if name.startswith("--"):
                assert name in told


@every_command
def test_a_wrong_option_is_wrong_usage(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command.name, "--no-such-option"]) == 2
    assert "--no-such-option" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["undo", "no-such-folder", "--json"], 3, "NotFound"),
        (["predict", "no-such-folder", "--json"], 3, "NotFound"),
        (["models", "--license", "mit", "--json"], 2, "InvalidValue"),
    ],
)
def test_an_error_is_one_json_object_and_its_exit_code(
    arguments: list[str], code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    told = json.loads(capsys.readouterr().out)
    assert (told["error"]["type"], told["error"]["exit_code"]) == (kind, code)
