"""Secrets from the environment of the process."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ocella.environment import variable
from ocella.errors import NotFound
from ocella.workflows.block import Block
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]


class EnvironmentSecretsStore(Block):
    """The values of environment variables, each an output by the variable's name in small letters. The operator must allow it."""

    type = "environment_secrets_store@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [],
        "steps": [
            {"type": "environment_secrets_store", "name": "keys", "variables_storing_secrets": ["MAIL_PASSWORD"]}
        ],
        "outputs": [{"type": "JsonField", "name": "key", "selector": "$steps.keys.mail_password"}],
    }

    variables_storing_secrets: Annotated[list[str], Field(min_length=1)]

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """One output a variable."""
        return {name.lower(): Secret for name in _names(step)}

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Each name once."""
        names = [name.lower() for name in _names(step)]
        twice = len(set(names)) < len(names)
        return [("variables_storing_secrets", "each name once", "Capitals do not count.")] if twice else []

    def setup(self) -> None:
        """Refused unless the operator allows it."""
        self.services.require("environment", f"Step '{self.step}'")

    def run(self) -> dict[str, Any]:
        """Values by output; raises NotFound for a variable that is not set."""
        found = {}
        for name in self.variables_storing_secrets:
            value = variable(name)
            if value is None:
                raise NotFound(f"The environment variable '{name}' is not set. Set it where the process is started.")
            found[name.lower()] = value
        return found


def _names(step: Mapping[str, Any]) -> Sequence[str]:
    names = step.get("variables_storing_secrets")
    return [] if isinstance(names, str) or not isinstance(names, Sequence) else [str(n) for n in names]


UNITS = (EnvironmentSecretsStore,)
