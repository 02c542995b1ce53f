"""The pages of docs/reference/blocks, and their pictures: every block, and which families of the other system there are."""

import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tables import table

__all__ = ["block_pages"]

Lines = Iterator[str]
PICTURES = Path("docs") / "reference" / "blocks" / "pictures"


def block_pages(root: Path) -> dict[str, Iterator[str]]:
    """Every page's lines by file name below docs/reference."""
    from ocella.workflows.catalog import all_blocks, group_of

    groups: dict[str, list[Any]] = {}
    for block in all_blocks().values():
        groups.setdefault(group_of(block), []).append(block)
    pages = {f"blocks/{group}.md": _group(group, blocks, root) for group, blocks in groups.items()}
    return {"blocks/index.md": _index(groups), **pages}


def _index(groups: Mapping[str, list[Any]]) -> Lines:
    from ocella.workflows.families import ENTERPRISE, FAMILIES

    have = sum(_block_of(f"{family}@v1") is not None for family in FAMILIES)
    yield "# Workflow blocks"
    yield ""
    yield (
        f"{sum(map(len, groups.values()))} blocks. Definitions of Roboflow Workflows run as they are: of its {len(FAMILIES)} families "
        f"{have} are here, with all versions and aliases; the table at the end says why the others are not."
    )
    for group, blocks in groups.items():
        yield from ("", f"## {group}", "")
        rows = ((f"[`{b.type}`]({group}.md#{_anchor(b.type)})", _summary(b)) for b in blocks)
        yield from table(("block", ""), rows)
    yield from ("", "## Families of Roboflow Workflows", "")
    yield from table(("type", "newest version", "here"), (_family(f, version) for f, (version, _) in FAMILIES.items()))
    yield from ("", "Of its enterprise blocks:", "")
    yield from table(("type", "here"), ((f"`{name}`", _here(name)) for name in ENTERPRISE))


def _family(family: str, version: int) -> tuple[str, str, str]:
    return f"`{family}`", f"v{version}", _here(f"{family}@v1")


def _here(type_name: str) -> str:
    from ocella.workflows.catalog import group_of
    from ocella.workflows.families import ABSENT

    block = _block_of(type_name)
    if block is None:
        return "no: " + ABSENT.get(type_name.partition("/")[2].partition("@")[0], "not written")
    return f"[`{block.type}`]({group_of(block)}.md#{_anchor(block.type)})"


def _block_of(type_name: str) -> Any:
    from ocella.errors import NotFound
    from ocella.workflows.catalog import find_block

    try:
        return find_block(type_name)[0]
    except NotFound:
        return None


def _group(group: str, blocks: Sequence[Any], root: Path) -> Lines:
    yield f"# {group}"
    for block in blocks:
        spec = block.spec()
        yield from ("", f"## {block.type}", "", " ".join((block.__doc__ or "").split()), "")
        picture = PICTURES / f"{block.family()}.jpg"
        if (root / picture).is_file():
            yield from (f"![{block.family()}](pictures/{picture.name})", "")
        rows = [
            (f"`{s.name}`", _taken(s), "required" if s.required else _default(s.default), _described(s))
            for s in spec.slots.values()
        ]
        yield from table(("input", "takes", "default", ""), rows)
        outputs = block.outputs(_fields(block))
        yield from (
            "",
            "Gives "
            + (", ".join(f"`{n}`" for n in outputs) or "nothing")
            + (", one list deeper." if spec.deeper else "."),
        )
        if block.aliases:
            yield from ("", "Also called " + ", ".join(f"`{a}`" for a in block.aliases) + ".")
        yield from ("", "```json", json.dumps(block.example, indent=1, ensure_ascii=False), "```")


def _fields(block: Any) -> Mapping[str, Any]:
    from ocella.workflows.catalog import find_block

    for step in block.example.get("steps", []):
        if find_block(step["type"])[0] is block:
            return dict(step)
    return {}


def _taken(slot: Any) -> str:
    if slot.role == "targets":
        return "names of steps"
    if typing.get_origin(slot.annotation) is typing.Literal:
        return ", ".join(f"`{v}`" for v in typing.get_args(slot.annotation))
    kinds = sorted(slot.kinds)
    text = " or ".join(kinds[:3]) + (f" or {len(kinds) - 3} more" if len(kinds) > 3 else "")
    return f"all {text} below" if slot.many else text.replace("*", "anything")


def _default(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text}`" if len(text) < 60 else "a list"


def _described(slot: Any) -> str:
    found = [getattr(m, "description", None) for m in getattr(slot.annotation, "__metadata__", ())]
    return next((str(d) for d in found if d), "")


def _summary(block: Any) -> str:
    text = " ".join((block.__doc__ or "").split())
    return text.partition(". ")[0].rstrip(".") + "."


def _anchor(type_name: str) -> str:
    return type_name.replace("@", "")
