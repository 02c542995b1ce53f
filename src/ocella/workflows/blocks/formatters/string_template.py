"""Text with gaps that are filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Any, ClassVar

from ocella.errors import InvalidValue
from ocella.workflows.block import Block
from ocella.workflows.problems import nearest
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_TOO_WIDE = re.compile(r"\d{5,}")


class StringTemplate(Block):
    """`template` with every {name} replaced by that value of `data`, after `data_operations`. {name:.2f} formats a number;
    {{ and }} are the braces themselves.
    """

    type = "string_template@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "count", "default_value": 3}],
        "steps": [
            {"type": "string_template", "name": "text", "template": "{n} cars", "data": {"n": "$inputs.count"}},
        ],
        "outputs": [{"type": "JsonField", "name": "text", "selector": "$steps.text.output"}],
    }

    template: str
    data_operations: dict[str, Operations] = {}  # a default, never changed

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Gaps that nothing fills, and operations on nothing."""
        data, template = step.get("data") or {}, step.get("template")
        if not isinstance(data, Mapping):
            return []
        operations = step.get("data_operations") or {}
        lacking = [n for n in operations if n not in data] if isinstance(operations, Mapping) else []
        found = [("data_operations", f"names of 'data', not '{n}'", nearest(n, data)) for n in lacking]
        if isinstance(template, str) and not template.startswith(("$inputs.", "$steps.")):
            try:
                gaps = sorted(set(_gaps(template)))
            except InvalidValue as error:
                return [*found, ("template", "text with gaps like {name}", str(error))]
            found += [
                ("template", f"names of 'data' in gaps, not '{n}'", nearest(n, data)) for n in gaps if n not in data
            ]
        return found

    def run(self, data: dict[str, Any] = {}) -> str:  # noqa: B006  # never changed
        """The text."""
        values = dict(data)
        for name, chain in self.data_operations.items():
            if name not in values:
                raise InvalidValue(f"'data_operations' name '{name}', which 'data' has not. {nearest(name, values)}")
            values[name] = chain(values[name], {})
        gaps = set(_gaps(self.template))
        if gaps - set(values):
            name = min(gaps - set(values))
            raise InvalidValue(f"The template has a gap '{name}', which 'data' does not fill. {nearest(name, values)}")
        try:
            return _Careful().vformat(self.template, (), values)
        except (ValueError, TypeError) as error:
            raise InvalidValue(
                f"The template cannot be filled in: {error}. Check what follows ':' in its gaps."
            ) from error


class _Careful(Formatter):
    """No padding to a size that fills the memory."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if _TOO_WIDE.search(format_spec):
            raise InvalidValue(f"A gap may be padded to at most 9999 characters, got '{format_spec}'.")
        return str(super().format_field(value, format_spec))

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        del args
        return kwargs[str(key)]


def _gaps(template: str) -> Iterator[str]:
    """Names of all gaps, those within formats too. Raises InvalidValue for one that is no plain name."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise InvalidValue(f"{error}. Double a brace that is meant as such: {{{{ or }}}}.") from error
    for _, name, form, _ in parts:
        if name is None:
            continue
        if not name or name.isdigit():
            raise InvalidValue("Give every gap a name: {name}.")
        if "." in name or "[" in name:
            raise InvalidValue(f"A gap takes a plain name, not '{name}'. Take the part out with 'data_operations'.")
        yield name
        yield from _gaps(form or "")


UNITS = (StringTemplate,)
