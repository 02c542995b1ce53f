"""The result of choosing in words: what to use, how good it is, how sure that is."""

import math
from collections.abc import Sequence

from ocella.choosing.chosen import Chosen, Comparison, Scored
from ocella.choosing.setting import Setting
from ocella.metrics.intervals import Interval

__all__ = ["counted", "duration", "forecast", "listed", "measured", "short", "thresholds", "verdict", "versus"]

_SHOWN = 3
"""How many of many names are said."""
_UNITS = (("minutes", 60), ("hours", 3600), ("days", 86400))
_OWN_WORDS = ("f1", "precision", "recall")


def verdict(chosen: Chosen) -> str:
    """The answer to "what should I use?", in a sentence or two."""
    best = chosen.best
    if best is None:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in chosen.ruled_out[:_SHOWN])
        if chosen.to_label:
            return f"Nothing here is good enough: no setting can even be tried{f' ({reasons})' if reasons else ''}. {_to_do(chosen)}"
        return f"No setting could be judged{': ' + reasons if reasons else ''}."
    if chosen.guess:
        return (
            f"A guess, nobody has looked: {_use(best.setting)} comes first of {counted(len(chosen.ranked), 'setting')} by "
            f"{_worth(best)}. Answer a few questions to know how good it is."
        )
    if not chosen.good_enough:
        return f"Nothing here is good enough: {_shortfall(chosen, best)}. {_to_do(chosen)}"
    facts = [_quality(best), *_practical(best, chosen)]
    rival = "" if chosen.runner_up is None else f"; the runner-up ({chosen.runner_up.name}) {_rival(chosen)}"
    return f"Use {_use(best.setting)}: {', '.join(facts)}{rival}."


def versus(chosen: Chosen, comparison: Comparison) -> tuple[str, str]:
    """Another setting against the best, and what to make of it: `-0.03 [-0.06, +0.01]`, `noise; about 60 more answers ...`."""
    gap = _mirrored(comparison.difference)
    if math.isnan(gap.value):
        return "not compared", ""
    if comparison.verdict == "noise":
        return _signed(gap), f"noise{_settled_by(chosen, comparison)}"
    return _signed(gap), "really worse" if comparison.verdict == "better" else "really better"


def forecast(chosen: Chosen) -> str:
    """What labelling the whole set with the best setting will give; empty where that cannot be told."""
    best = chosen.best
    if best is None or not best.n_claims or not chosen.images or best.precision is None or best.recall is None:
        return ""
    if math.isnan(best.precision.value) or math.isnan(best.recall.value):
        return ""
    labels = best.n_claims * chosen.whole_set / chosen.images
    right = [labels * share for share in (best.precision.value, best.precision.low, best.precision.high)]
    between = f" [{_round(right[1])}, {_round(right[2])}]" if all(map(math.isfinite, right)) else ""
    said = f"Labels to expect in all {counted(chosen.whole_set, 'image')}: about {_round(labels)}, of which about "
    said += f"{_round(right[0])}{between} are right"
    if best.recall.value > 0:
        missed = right[0] * (1 / best.recall.value - 1)
        said += f"; about {_round(missed)} things will have no label"
    return f"{said}."


def measured(interval: Interval | None) -> str:
    """`0.86 [0.78, 0.92]`, without a range where there is none."""
    if interval is None or math.isnan(interval.value):
        return "not measured"
    if math.isnan(interval.low) or math.isnan(interval.high):
        return f"{interval.value:.2f}"
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def thresholds(setting: Setting) -> str:
    """`threshold 0.23 for shrimp`; of many classes the lowest and the highest; empty where none is set."""
    kept = [] if setting.ontology is None else [(c.threshold, c.name) for c in setting.ontology.classes]
    found = [(t, name) for t, name in kept if t is not None]
    if not found:
        return ""
    if len(found) == 1:
        return f"threshold {short(found[0][0])} for {found[0][1]}"
    low, high = min(found), max(found)
    if short(low[0]) == short(high[0]):
        both = f"both {found[0][1]} and {found[1][1]}" if len(found) == 2 else f"all {len(found)} classes"
        return f"threshold {short(low[0])} for {both}"
    if len(found) <= _SHOWN:
        return f"thresholds {listed([f'{short(t)} for {name}' for t, name in found])}"
    return f"thresholds from {short(low[0])} ({low[1]}) to {short(high[0])} ({high[1]})"


def short(value: float) -> str:
    """Two decimals, or two digits of a small number: `0.23`, `0.045`; an exact 0 is `0`."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def duration(seconds: float) -> str:
    """`0.4 s`, `90 s`, `12 minutes`, `3.5 hours`, `2 days`."""
    if math.isnan(seconds):
        return "not measured"
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    unit, size = next((u, n) for u, n in _UNITS if seconds < 120 * n or u == "days")
    amount = seconds / size
    return f"{amount:.0f} {unit}" if amount >= 10 or amount == round(amount) else f"{amount:.1f} {unit}"


def listed(words: Sequence[str], most: int = 10) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b and 7 more`."""
    shown = list(words[:most])
    if len(words) > most:
        return f"{', '.join(shown)} and {len(words) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def counted(n: int, thing: str) -> str:
    """`1 image`, `60 images`."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def _use(setting: Setting) -> str:
    """The setting as a person would set it up."""
    parts = [setting.model]
    classes = () if setting.ontology is None else setting.ontology.classes
    worded = [c for c in classes if c.prompts != (c.name,)]
    said = [_prompts(c.prompts) + (f" for {c.name}" if len(classes) > 1 else "") for c in worded]
    if said:
        noun = "prompt" if sum(len(c.prompts) for c in worded) == 1 else "prompts"
        parts.append(f"with the {noun} {said[0] if len(said) == 1 else '; '.join(said[:_SHOWN])}")
        if len(said) > _SHOWN:
            parts[-1] += f"; and those of {len(said) - _SHOWN} more"
    if setting.prompt:
        parts.append(f'asked "{setting.prompt}"')
    examples = sum(len(c.exemplars) for c in classes)
    if examples:
        parts.append(f"with {counted(examples, 'example picture')}")
    if setting.tile:
        parts.append(f"looking at {setting.tile[0]}x{setting.tile[1]} tiles too")
    return ", ".join(filter(None, [" ".join(parts), thresholds(setting)]))


def _prompts(prompts: Sequence[str]) -> str:
    return listed([f'"{p}"' for p in prompts])


def _worth(scored: Scored) -> str:
    return f"{scored.metric} {measured(scored.main)}"


def _quality(scored: Scored) -> str:
    """What decides, unless precision and recall say it, then those."""
    both = [(n, v) for n, v in (("precision", scored.precision), ("recall", scored.recall)) if v is not None]
    own = [] if both and scored.metric.lower() in _OWN_WORDS else [_worth(scored)]
    return ", ".join(own + [f"{name} {measured(value)}" for name, value in both])


def _practical(scored: Scored, chosen: Chosen) -> list[str]:
    facts = [] if math.isnan(scored.seconds) else [f"{duration(scored.seconds)} an image"]
    if scored.cost:
        facts.append(f"a fee of about {scored.cost:.2f} for all {counted(chosen.whole_set, 'image')}")
    named = f" ({scored.license})" if scored.license else ""
    return [*facts, "commercial use allowed" if scored.commercial_use else f"not for commercial use{named}"]


def _rival(chosen: Chosen) -> str:
    """What the runner-up has more and less of than the best."""
    best, other = chosen.ranked[0], chosen.ranked[1]
    compared, pace = chosen.against(other), _pace(best, other)
    if compared is not None and compared.verdict == "noise" and not math.isnan(compared.difference.value):
        settled = _settled_by(chosen, compared)
        told = f"as good as far as can be told: {_signed(_mirrored(compared.difference))} in {best.metric} is noise{settled}"
        return f"is {pace} and {told}" if pace else f"is {told}"
    points = _points(best, other, compared)
    return f"is {listed([*([pace] if pace else []), *points]) or 'about the same'}"


def _pace(best: Scored, other: Scored) -> str:
    """`6 times faster`; empty where the two are about as fast, or not timed."""
    if not (best.seconds > 0 and other.seconds > 0):
        return ""
    ratio = best.seconds / other.seconds
    times = max(ratio, 1 / ratio)
    return "" if times < 1.25 else f"{_times(times)} times {'faster' if ratio > 1 else 'slower'}"


def _times(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def _points(best: Scored, other: Scored, compared: Comparison | None) -> list[str]:
    """The larger difference in precision or recall, and the tested one in the main metric."""
    pairs = (("precision", best.precision, other.precision), ("recall", best.recall, other.recall))
    known = [(o.value - b.value, name) for name, b, o in pairs if b is not None and o is not None]
    known = [(d, name) for d, name in known if abs(d) >= 0.005 and name != best.metric.lower()]
    largest = max(known, key=lambda pair: abs(pair[0]), default=None)
    said = [] if largest is None else [f"{abs(largest[0]):.2f} {_way(largest[0])} in {largest[1]}"]
    if compared is not None and compared.verdict != "noise":
        return [*said, f"{_against(compared)} in {best.metric}"]
    gap = other.main.value - best.main.value
    return said or ([f"{abs(gap):.2f} {_way(gap)} in {best.metric}"] if abs(gap) >= 0.005 else [])


def _against(comparison: Comparison) -> str:
    """`0.03 [0.01, 0.06] lower`, of the other."""
    gap = comparison.difference if comparison.verdict == "better" else _mirrored(comparison.difference)
    return f"{measured(gap)} {'lower' if comparison.verdict == 'better' else 'higher'}"


def _settled_by(chosen: Chosen, comparison: Comparison) -> str:
    more, thing = comparison.more_answers, "labelled image" if chosen.evidence == "labels" else "answer"
    return f"; about {counted(more, f'more {thing}')} would settle it" if more else ""


def _mirrored(gap: Interval) -> Interval:
    return Interval(-gap.value, -gap.high, -gap.low, gap.level)


def _signed(gap: Interval) -> str:
    value, low, high = (f"{v + 0.0:+.2f}" for v in (gap.value, gap.low, gap.high))
    return value if math.isnan(gap.low) or math.isnan(gap.high) else f"{value} [{low}, {high}]"


def _way(change: float) -> str:
    return "lower" if change < 0 else "higher"


def _shortfall(chosen: Chosen, best: Scored) -> str:
    many = len(chosen.ranked)
    which = "the only setting" if many == 1 else f"the best of {many} settings"
    because = f"; {chosen.reason.rstrip('.')}" if chosen.reason else ""
    return f"{which} ({best.name}) has {_quality(best)}{because}"


def _to_do(chosen: Chosen) -> str:
    if not chosen.to_label:
        return "Label some of the images and train."
    many = counted(len(chosen.to_label), "image")
    here = "here it is" if len(chosen.to_label) == 1 else "here they are"
    return f"Label {many} and train; {here}, chosen: {listed(chosen.to_label, _SHOWN)}."


def _round(value: float) -> str:
    """Two digits of a count: it is a forecast."""
    return f"{value:.0f}" if value < 100 else f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"
