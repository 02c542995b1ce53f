"""The chosen setting as a file that `label` takes, and a person can read and change."""

import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ocella.choosing.chosen import Chosen, Scored
from ocella.choosing.sentences import verdict
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.write import write_text
from ocella.metrics.intervals import Interval

__all__ = ["SavedChoice", "read_choice", "write_choice"]

_HEAD = """\
# What `ocella choose` found for a set of images.
#
# Use it:  ocella label PHOTOS --setting {argument} --out DATA
#          ocella.label("PHOTOS", "DATA", setting={quoted})
#
# setting    is what labels are made with; change it as you like (a threshold goes from 0 to 1).
# evidence   says how good it is on these images, with 95 % intervals, and how that was found out. No label depends on it.
# runner_up  is the next best; put it in the place of setting to use it.
"""
_CAUTIONS = {
    "guess": "# TAKE CARE: this is a guess. Nobody has looked at a single label.\n",
    "poor": "# TAKE CARE: nothing was good enough. This is the best of settings that are not.\n",
}
_CLASS_LISTS = ("prompts", "negatives", "exemplars")


@dataclass(frozen=True)
class SavedChoice:
    """What a file holds: the setting, the evidence for it as it stands there, the next best."""

    setting: Setting
    evidence: Mapping[str, Any] = field(default_factory=dict)
    runner_up: Setting | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """What labels made with it say of where their setting comes from."""
        told = ("goal", "good_enough", "guess", "answers", "answered_by", "date")
        return {k: self.evidence[k] for k in told if isinstance(self.evidence.get(k), str | int | float | bool)}


def write_choice(path: Path | str, chosen: Chosen, *, date: datetime | None = None) -> Path:
    """Write the best setting and its evidence; all or nothing. Raises InvalidValue where nothing could be judged."""
    path, best = Path(path), chosen.best
    if best is None:
        raise InvalidValue("There is no setting to write: none could be judged.")
    day = (date or datetime.now(UTC)).date().isoformat()
    body: dict[str, Any] = {"setting": best.setting.to_json(), "evidence": _evidence(chosen, best, day)}
    if chosen.runner_up is not None:
        body["runner_up"] = chosen.runner_up.setting.to_json()
    parts = [_yaml({key: value}) for key, value in body.items()]
    return write_text(path, "\n".join([_head(path.name, chosen), *parts]))


def read_choice(path: Path | str) -> SavedChoice:
    """The choice in a file. Raises NotFound, Unreadable (no YAML), InvalidValue (no setting, or a wrong one)."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"There is no file {path}. Make one with: ocella choose PHOTOS.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read as text: {error}. Check the file.") from error
    words, values = _parsed(path, text)
    if not isinstance(words, dict) or "setting" not in words:
        raise InvalidValue(f"{path} must hold a 'setting', as `ocella choose` writes it, but does not.")
    evidence = values.get("evidence")
    rival = words.get("runner_up")
    return SavedChoice(
        _setting(path, "setting", words["setting"]),
        evidence if isinstance(evidence, dict) else {},
        None if rival in (None, "") else _setting(path, "runner_up", rival),
    )


def _yaml(body: dict[str, Any]) -> str:
    """YAML that gives every text back as it is: those with line breaks and the like are quoted and escaped."""
    import yaml

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # yaml has no types
        """With a representer of its own, so that no other user of yaml is touched."""

    def quoted(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')

    Dumper.add_representer(str, quoted)
    return str(yaml.dump(body, None, Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100))


def _parsed(path: Path, text: str) -> tuple[Any, Any]:
    """All scalars as text, so that a class `no` or `1` stays one whoever wrote it; and as YAML takes them."""
    import yaml

    try:
        return yaml.load(text, yaml.BaseLoader), yaml.safe_load(text)  # noqa: S506 - BaseLoader makes text alone
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} must hold YAML, but does not: {_in_a_line(error)}.") from error


def _setting(path: Path, place: str, data: Any) -> Setting:
    """Checked part by part, since a person may have changed it."""
    if not isinstance(data, dict) or not isinstance(data.get("model"), str):
        raise InvalidValue(f"'{place}' of {path} must hold a 'model' and maybe classes, tile and prompt, got {data!r}.")
    for key in ("tile", "prompt"):
        if not isinstance(data.get(key, ""), str):
            raise InvalidValue(f"'{key}' of '{place}' in {path} must be text, got {data[key]!r}.")
    try:
        return Setting.from_json({**data, "classes": _classes(data.get("classes") or [])})
    except InvalidValue as error:
        raise InvalidValue(f"'{place}' of {path} is wrong: {error}") from error


def _classes(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list):
        raise InvalidValue(f"classes must be a list, each with a name, got {given!r}.")
    return [_class(item) for item in given]


def _class(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise InvalidValue(f"Every class must be a 'name' and maybe prompts and a threshold, got {given!r}.")
    for key in _CLASS_LISTS:
        held = given.get(key, [])
        if not isinstance(held, list) or not all(isinstance(word, str) and word for word in held):
            raise InvalidValue(f"{key} of '{given['name']}' must be a list of texts, got {held!r}.")
    return {**given, **({"threshold": _threshold(given)} if "threshold" in given else {})}


def _threshold(given: Mapping[str, Any]) -> float:
    try:
        return float(given["threshold"])
    except (TypeError, ValueError) as error:
        raise InvalidValue(
            f"threshold of '{given['name']}' must be a number within 0..1, got {given['threshold']!r}."
        ) from error


def _evidence(chosen: Chosen, best: Scored, day: str) -> dict[str, Any]:
    numbers = {"precision": best.precision, "recall": best.recall, best.metric: best.main}
    return {
        "verdict": verdict(chosen),
        "goal": chosen.goal,
        "good_enough": chosen.good_enough,
        "guess": chosen.guess,
        **_all_numbers(numbers),
        "classes": {
            c.name: _all_numbers({"precision": c.precision, "recall": c.recall, "F1": c.f1}) for c in best.per_class
        },
        "settings_compared": len(chosen.ranked),
        "images": chosen.images,
        "whole_set": chosen.whole_set,
        "answers": chosen.asking.answers,
        "answered_by": chosen.asking.by,
        "date": day,
        "ocella": version("ocella"),
    }


def _all_numbers(intervals: Mapping[str, Interval | None]) -> dict[str, dict[str, float | None]]:
    return {name: _numbers(interval) for name, interval in intervals.items() if interval is not None}


def _numbers(interval: Interval) -> dict[str, float | None]:
    ends = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: round(end, 4) if math.isfinite(end) else None for name, end in ends.items()}


def _head(name: str, chosen: Chosen) -> str:
    """What the file is, in comments, which must hold no line break of a name."""
    shown = name if name.isprintable() else "choice.yaml"
    caution = _CAUTIONS["guess"] if chosen.guess else "" if chosen.good_enough else _CAUTIONS["poor"]
    return _HEAD.format(argument=shlex.quote(shown), quoted=json.dumps(shown, ensure_ascii=False)) + caution


def _in_a_line(error: Exception) -> str:
    """With the line and column that YAML errors tell."""
    return " ".join(str(error).split())
