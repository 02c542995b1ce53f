"""Results of the roads as lines for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["label_lines", "proof_lines", "train_line"]


def label_lines(told: dict[str, Any]) -> Iterator[str]:
    """What a labelling made, led by what matched nothing."""
    from ocella.labeling.words import names_in_short

    if told["empty_classes"]:
        yield f"Nothing was found for: {names_in_short(told['empty_classes'])}"
    if told["silent_prompts"]:
        yield f"Prompts that found nothing: {names_in_short(told['silent_prompts'])}"
    if told["empty_images"]:
        yield f"No label at all in {told['empty_images']} of {told['images']} images"
    for aside in told["set_aside"]:
        yield f"Set aside: {aside['name']}: {aside['reason']}"
    for match in told["matches"]:
        lost = f"; the model does not see: {match['lost']}" if match["lost"] else ""
        if match["kind"] != "exact" or lost:
            yield (
                f"Prompt '{match['prompt']}' was taken for the model's class '{match['known']}' "
                f"({match['kind']}, similarity {match['similarity']:.2f}){lost}"
            )
    counts = ", ".join(f"{name} {n}" for name, n in told["counts"].items() if n)
    yield f"Labels: {counts or 'none'}"
    yield f"Images: {told['images']} ({told['new']} new, {told['reused']} reused), {told['seconds']:.1f} s, {told['model']}"
    yield f"Data set: {told['dataset']}   report: {told['dataset']}/report.html"


def proof_lines(told: dict[str, Any]) -> list[str]:
    """The comparison of a student with its teacher and its start."""
    lines = [f"{told['metric']} on {told['images']} images, judged by {told['truth']}:"]
    for row in told["rows"]:
        if row["score"] is None:
            lines.append(f"  {row['role']:16} {row['name']}: {row['note']}")
            continue
        score = row["score"]
        lines.append(
            f"  {row['role']:16} {score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})  "
            f"{row['ms']:7.1f} ms  {row['megabytes']:6.1f} MB  {row['name']}"
        )
    if told["difference"] is not None:
        d = told["difference"]
        verdict = "a gain" if told["verdict"] == "gain" else "NO GAIN"
        lines.append(f"Student minus its start: {d['value']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f}): {verdict}.")
    return lines + [f"Take care: {w}" for w in told["warnings"]]


def train_line(numbers: Mapping[str, Any]) -> str:
    """What a student scores on the validation split, before and after its export."""
    scores = ", ".join(f"{name} {value:.3f}" for name, value in numbers["validation"].items())
    return f"Validation: {scores}; {numbers['metric']} {numbers['torch']:.4f} in torch, {numbers['onnx']:.4f} exported"
