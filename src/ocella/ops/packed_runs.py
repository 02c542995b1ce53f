"""COCO's packed run lengths: 5 bits a character from '0', low first, 0x20 says more follow; from the fourth number on each
is the difference to the one two before.
"""

from collections.abc import Iterable

from ocella.errors import InvalidValue

__all__ = ["pack_runs", "unpack_runs"]


def pack_runs(runs: Iterable[int]) -> str:
    """Run lengths as text."""
    lengths = [int(r) for r in runs]
    characters = bytearray()
    for place, length in enumerate(lengths):
        value = length - lengths[place - 2] if place > 2 else length
        more = True
        while more:
            part = value & 0x1F
            value >>= 5
            more = value != (-1 if part & 0x10 else 0)
            characters.append((part | 0x20 if more else part) + 48)
    return characters.decode("ascii")


def unpack_runs(packed: str) -> list[int]:
    """Run lengths from text; raises InvalidValue where it ends within a number or holds foreign characters."""
    runs: list[int] = []
    value = shift = 0
    for character in packed:
        part = ord(character) - 48
        if not 0 <= part < 64:
            raise InvalidValue(f"packed run lengths hold characters from '0' to 'o', got {character!r}.")
        value |= (part & 0x1F) << shift
        shift += 5
        if part & 0x20:
            continue
        if part & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise InvalidValue(f"packed run lengths end within a number: {packed[-8:]!r}.")
    return runs
