"""The one place that reads environment variables."""

import os
from dataclasses import dataclass

__all__ = ["Environment", "read"]


@dataclass(frozen=True)
class Environment:
    """`OCELLA_API_KEY`: the key for a server that speaks the OpenAI protocol, never stored and never shown.
    `OCELLA_OFFLINE` or `HF_HUB_OFFLINE`: any value but 0, no, off, false: weights are taken from the cache only.
    """

    api_key: str = ""
    offline: bool = False


def read() -> Environment:
    """The variables as they are now."""
    return Environment(
        api_key=os.environ.get("OCELLA_API_KEY", ""),
        offline=any(_is_on(os.environ.get(name, "")) for name in ("OCELLA_OFFLINE", "HF_HUB_OFFLINE")),
    )


def _is_on(value: str) -> bool:
    return value.strip().lower() not in ("", "0", "no", "off", "false")
