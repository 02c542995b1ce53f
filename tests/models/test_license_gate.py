import pytest

import ocella
from ocella.errors import InvalidValue, Refused
from ocella.models.card import ModelCard
from ocella.models.entry import zoo
from ocella.models.license_gate import check_license, nearest_allowed
from ocella.models.load import find_entry

CARDS = [e.card for e in zoo]
CLOSED = [c for c in CARDS if not c.commercial_use]


@pytest.mark.parametrize("card", CLOSED, ids=lambda c: c.name)
def test_what_forbids_commercial_use_is_refused_with_clause_and_way_out(card: ModelCard) -> None:
    with pytest.raises(Refused) as refused:
        check_license(card, "commercial")
    said = str(refused.value)
    assert card.name in said
    assert (card.clause or card.weights_license) in said
    nearest = nearest_allowed(card)
    if nearest is None:
        assert "No model here does this" in said
    else:
        assert nearest in said
        other = find_entry(nearest).card
        assert other.commercial_use
        assert other.task == card.task


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.name)
def test_without_a_gate_nothing_is_refused(card: ModelCard) -> None:
    check_license(card, "")
    if card.commercial_use:
        check_license(card, "commercial")


@pytest.mark.parametrize("card", CLOSED, ids=lambda c: c.name)
def test_a_card_that_forbids_says_by_what_clause(card: ModelCard) -> None:
    assert card.clause or card.library == "server"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("metaclip-b32-400m", "clip-vit-base-patch32"),
        ("segformer-b0-finetuned-ade-512-512", "eomt"),
        ("depth-anything-v2-base", "depth-anything-v2-small"),
    ],
)
def test_the_nearest_is_of_the_same_kind(name: str, nearest: str) -> None:
    assert nearest in (nearest_allowed(find_entry(name).card) or "")


def test_load_is_where_the_gate_is() -> None:
    with pytest.raises(Refused, match="may not be used commercially"):
        ocella.load("metaclip-b32-400m", license="commercial")
    assert ocella.load("nanodet-g", license="commercial").card.commercial_use
    with pytest.raises(InvalidValue, match="license must be 'commercial' or nothing, got 'mit'"):
        ocella.load("nanodet-g", license="mit")


def test_a_joined_model_is_as_free_as_its_parts() -> None:
    with pytest.raises(Refused, match="metaclip"):
        ocella.load("nanodet-g+metaclip-b32-400m", license="commercial")
