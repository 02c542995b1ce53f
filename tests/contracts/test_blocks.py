"""Every block keeps the same promises."""

import re
from typing import Any

import pytest

from ocella.errors import NotFound
from ocella.workflows.block import Block
from ocella.workflows.catalog import all_blocks, find_block, group_of
from ocella.workflows.compile import check_workflow
from ocella.workflows.families import ABSENT, ENTERPRISE, FAMILIES

every_block = pytest.mark.parametrize("block", list(all_blocks().values()), ids=lambda b: b.type)


@every_block
def test_its_type_is_its_file_and_version(block: type[Block]) -> None:
    family, version = re.fullmatch(r"([a-z0-9_]+)@v([1-9])", block.type).groups()  # type: ignore[union-attr]
    assert family == block.__module__.rpartition(".")[2]
    assert int(version) >= 1
    assert find_block(block.type) == (block, int(version))
    assert find_block(family)[0] is block


@every_block
def test_it_says_what_it_does(block: type[Block]) -> None:
    assert len((block.__doc__ or "").strip()) > 15
    assert len((block.run.__doc__ or "").strip()) > 8


@every_block
def test_its_contract_can_be_read(block: type[Block]) -> None:
    spec = block.spec()
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in (*spec.slots, *spec.outputs))
    assert all(slot.kinds for slot in spec.slots.values())


@every_block
def test_its_default_values_are_valid(block: type[Block]) -> None:
    for slot in block.spec().slots.values():
        if slot.role == "field" and not slot.required and slot.default is not None:
            slot.check(slot.default)


@every_block
def test_its_example_compiles_and_shows_it(block: type[Block]) -> None:
    workflow, problems = check_workflow(block.example)
    assert [str(p) for p in problems] == []
    assert workflow is not None
    written: list[Any] = list(block.example["steps"])
    assert block in {find_block(step["type"])[0] for step in written}


@every_block
def test_its_aliases_mean_it(block: type[Block]) -> None:
    assert [a for a in block.aliases if find_block(a)[0] is not block] == []


def known(name: str) -> bool:
    try:
        find_block(name)
    except NotFound:
        return False
    return True


def test_definitions_of_the_other_system_find_their_blocks() -> None:
    have = [family for family in FAMILIES if known(f"{family}@v1")]
    assert len(have) >= 150
    assert {family.partition("/")[2] for family in FAMILIES if family not in have} == set(ABSENT)
    lost = [(f, v) for f in have for v in range(1, FAMILIES[f][0] + 1) if not known(f"{f}@v{v}")]
    assert lost == []
    aliases = [(f, a) for f in have for a in FAMILIES[f][1]]
    assert [(f, a) for f, a in aliases if not known(a) or find_block(a)[0] is not find_block(f"{f}@v1")[0]] == []


def test_most_of_its_enterprise_blocks_are_here_too() -> None:
    assert sum(known(name) for name in ENTERPRISE) >= 5


def test_each_block_is_of_one_group() -> None:
    assert {group_of(b) for b in all_blocks().values()} >= {"models", "transformations", "visualizations", "sinks"}


def test_a_block_that_is_absent_says_why() -> None:
    for family, why in ABSENT.items():
        with pytest.raises(NotFound, match="Ocella does not have") as caught:
            find_block(f"roboflow_core/{family}@v1")
        assert why in str(caught.value)
