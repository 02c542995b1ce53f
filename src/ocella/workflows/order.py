"""An order in which each step comes after what it needs, and the cycles that forbid one."""

from collections.abc import Mapping

__all__ = ["in_order"]


def in_order(needs: Mapping[str, set[str]]) -> tuple[list[str], list[list[str]]]:
    """Names so that each follows all it needs, as near to the given order as can be, without those of a cycle and what
    needs them; and the cycles, each in the direction of the data from its first step on.
    """
    left = dict.fromkeys(needs)
    order: list[str] = []
    placed: set[str] = set()
    while left:
        ready = [name for name in left if needs[name] <= placed]
        if not ready:
            break
        for name in ready:
            del left[name]
            order.append(name)
        placed.update(ready)
    cycles: list[list[str]] = []
    for start in left:
        cycle = _cycle(start, {n: [m for m in needs[n] if m in left] for n in left})
        if cycle and not any(set(cycle) & set(known) for known in cycles):
            first = min(cycle, key=list(needs).index)
            at = cycle.index(first)
            cycles.append(cycle[at:] + cycle[:at])
    return order, cycles


def _cycle(start: str, needs: Mapping[str, list[str]]) -> list[str]:
    """A cycle reached from a step, in the direction of the data."""
    path: list[str] = [start]
    while True:
        step = path[-1]
        if not needs[step]:
            return []
        following = min(needs[step])
        if following in path:
            return path[path.index(following) :][::-1]
        path.append(following)
