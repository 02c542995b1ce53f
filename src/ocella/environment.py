"""The one place that reads environment variables."""

import os
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Environment", "for_a_child", "read", "variable"]


@dataclass(frozen=True)
class Environment:
    """`api_key` and `roboflow_key` are a person's own keys, never stored and never shown; `offline` takes weights from
    the cache only; `hub` is the address of a mirror of the hub; `hub_cache` the hub's cache folder; `roboflow_url` the
    address of Roboflow's API.
    """

    api_key: str = field(default="", repr=False)
    offline: bool = False
    hub: str = ""
    hub_cache: Path = Path()
    roboflow_key: str = field(default="", repr=False)
    roboflow_url: str = ""


def read() -> Environment:
    """The variables as they are now: OCELLA_API_KEY; OCELLA_OFFLINE or HF_HUB_OFFLINE (any value but 0, no, off, false);
    OCELLA_HUB or HF_ENDPOINT; OCELLA_CACHE (a folder of the shape of HF_HOME), HF_HUB_CACHE or HF_HOME;
    ROBOFLOW_API_KEY; OCELLA_ROBOFLOW_URL.
    """
    return Environment(
        api_key=_get("OCELLA_API_KEY"),
        offline=any(_is_on(_get(name)) for name in ("OCELLA_OFFLINE", "HF_HUB_OFFLINE")),
        hub=(_get("OCELLA_HUB") or _get("HF_ENDPOINT")).rstrip("/"),
        hub_cache=_hub_cache(),
        roboflow_key=_get("ROBOFLOW_API_KEY"),
        roboflow_url=(_get("OCELLA_ROBOFLOW_URL") or "https://api.roboflow.com").rstrip("/"),
    )


def for_a_child() -> dict[str, str]:
    """What the system itself needs to start a process, and nothing of ours."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "SYSTEMDRIVE") if name in os.environ}


def variable(name: str) -> str | None:
    """A variable that a user names, None where it is not set. Whether a user may is for the caller to ask."""
    return os.environ.get(name)


def _hub_cache() -> Path:
    """The folder that huggingface_hub uses too, unless OCELLA_CACHE says otherwise."""
    if _get("OCELLA_CACHE"):
        return _path(_get("OCELLA_CACHE")) / "hub"
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if _get(name):
            return _path(_get(name))
    home = _get("HF_HOME")
    return (_path(home) if home else _path(_get("XDG_CACHE_HOME") or "~/.cache") / "huggingface") / "hub"


def _get(name: str) -> str:
    return os.environ.get(name, "").strip()


def _path(text: str) -> Path:
    return Path(os.path.expandvars(text)).expanduser()


def _is_on(value: str) -> bool:
    return value.lower() not in ("", "0", "no", "off", "false")
