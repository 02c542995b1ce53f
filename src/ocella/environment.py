"""The one place that reads environment variables."""

import os
from dataclasses import dataclass

__all__ = ["Environment", "read"]


@dataclass(frozen=True)
class Environment:
    """`OCELLA_API_KEY`: the key for a server that speaks the OpenAI protocol, never stored and never shown."""

    api_key: str = ""


def read() -> Environment:
    """The variables as they are now."""
    return Environment(api_key=os.environ.get("OCELLA_API_KEY", ""))
