"""Whether a model's licence allows what it is used for."""

from typing import Literal, NamedTuple

from ocella.errors import Refused
from ocella.models.license_gate import check_license
from ocella.models.load import find_entry
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class Verdict(NamedTuple):
    """Whether the use is allowed, and why not or under which licence."""

    allowed: bool
    reason: str


class LicenceGate(Block):
    """Look up on a model's card whether its code and weights may be used commercially. What is forbidden is flagged in `allowed`
    and `reason` for later steps, or with `on_forbidden` "refuse" stops what depends on it. Of models joined with + each counts.
    """

    type = "licence_gate@v1"
    aliases = ("license_gate@v1",)
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "licence_gate", "name": "gate", "model_id": "nanodet-g"}],
        "outputs": [{"type": "JsonField", "name": "allowed", "selector": "$steps.gate.allowed"}],
    }

    model_id: str
    use: Literal["commercial", "research"] = "commercial"
    on_forbidden: Literal["flag", "refuse"] = "flag"

    def run(self) -> Verdict:
        """The verdict. Raises NotFound for an unknown model, Refused where told to."""
        cards = [find_entry(name.strip()).card for name in self.model_id.split("+")]
        try:
            for card in cards:
                check_license(card, "commercial" if self.use == "commercial" else "")
        except Refused as error:
            if self.on_forbidden == "refuse":
                raise
            return Verdict(allowed=False, reason=str(error))
        terms = "; ".join(f"'{c.name}': code {c.code_license}, weights {c.weights_license}" for c in cards)
        return Verdict(allowed=True, reason=f"{terms}.")


UNITS = (LicenceGate,)
