"""Small blocks on whole numbers for tests of the engine: of every shape that a block can have."""

from typing import Any, NamedTuple

from ocella.workflows.block import Batch, Block, Many, Targets

__all__ = ["BLOCKS"]


class Add(Block):
    """Fails on sums that leave 7 by 11."""

    type = "add@v1"
    output = "sum"
    plus: int = 0

    def run(self, a: int, b: int = 0) -> int:
        total = a + b + self.plus
        if total % 11 == 7:
            raise ArithmeticError(total)
        return total


class Half(Block):
    """Nothing for odd numbers."""

    type = "half@v1"
    output = "half"

    def run(self, a: int) -> int:
        return a // 2 if a % 2 == 0 else None  # type: ignore[return-value]  # a missing value


class Twin(NamedTuple):
    double: int
    negative: int


class Both(Block):
    """A whole batch at once."""

    type = "both@v1"

    def run(self, a: Batch[int]) -> Batch[Twin]:
        if any(v % 13 == 5 for v in a):
            raise ValueError([v for v in a if v % 13 == 5])
        return [Twin(2 * v, -v) for v in a]


class Fan(Block):
    """A deeper level."""

    type = "fan@v1"
    output = "parts"

    def run(self, a: int) -> Many[int]:
        return [a * 3 + i for i in range(a % 4)]


class Total(Block):
    """The deepest level into one."""

    type = "total@v1"
    output = "total"

    def run(self, parts: Many[int]) -> int:
        return sum(parts)


class TotalWith(Block):
    """Two levels at once."""

    type = "total_with@v1"
    output = "total"

    def run(self, base: int, parts: Many[int]) -> int:
        return base * 100 + sum(parts)


class First(Block):
    """Runs on what is missing too."""

    type = "first@v1"
    output = "first"
    accepts_missing = True

    def run(self, data: list[Any]) -> int:
        return next((v for v in data if v is not None), -1)


class Gate(Block):
    """Lets steps run on multiples of `of`."""

    type = "gate@v1"
    next_steps: Targets
    of: int = 2

    def run(self, a: int) -> Targets:
        return self.next_steps if a % self.of == 0 else []


BLOCKS = (Add, Half, Both, Fan, Total, TotalWith, First, Gate)
