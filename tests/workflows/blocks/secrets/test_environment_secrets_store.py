"""Secrets from the environment: only with permission, by the variable's name in small letters."""

from typing import Any

import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, NotFound, Refused
from ocella.workflows.services import Services

ALLOWED = Services(allow=frozenset({"environment"}))
TYPE = "roboflow_core/environment_secrets_store@v1"


def test_variables_become_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCELLA_TEST_KEY", "abc")
    monkeypatch.setenv("OCELLA_TEST_OTHER", "")
    found = run_step(TYPE, {}, ALLOWED, variables_storing_secrets=["OCELLA_TEST_KEY", "OCELLA_TEST_OTHER"])
    assert found == {"ocella_test_key": "abc", "ocella_test_other": ""}


def test_it_is_off_until_the_operator_allows_it() -> None:
    with pytest.raises(Refused, match="--allow environment"):
        run_step(TYPE, {}, variables_storing_secrets=["PATH"])


def test_a_variable_that_is_not_set_is_told() -> None:
    with pytest.raises(NotFound, match="'OCELLA_NOT_THERE' is not set"):
        run_step(TYPE, {}, ALLOWED, variables_storing_secrets=["OCELLA_NOT_THERE"])


@pytest.mark.parametrize(
    ("names", "message"), [([], "at least 1 item"), (["A_KEY", "a_key"], "each name once"), ("A", "list")]
)
def test_wrong_names_are_refused(names: Any, message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step(TYPE, {}, ALLOWED, variables_storing_secrets=names)
