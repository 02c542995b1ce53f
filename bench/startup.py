"""How long `import ocella` and `ocella --help` take over bare Python: medians of fresh processes.

python bench/startup.py [--runs 15]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

ALLOWED_MS = {"import ocella": 150.0, "ocella --help": 300.0}
PROGRAMS = {
    "bare Python": "pass",
    "import ocella": "import ocella",
    "ocella --help": "import sys; from ocella.cli.main import main; sys.exit(main(['--help']))",
}


def once(program: str) -> float:
    """Milliseconds of one fresh process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description="Time to start, over bare Python.")
    parser.add_argument("--runs", type=int, default=15)
    given = parser.parse_args()
    for program in PROGRAMS.values():
        once(program)
    # in turn, so that a busy moment hits all of them alike
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(given.runs):
        for name, program in PROGRAMS.items():
            times[name].append(once(program))
    median = {name: statistics.median(values) for name, values in times.items()}
    bare = median["bare Python"]
    print(f"bare Python: {bare:.0f} ms (median of {given.runs} fresh processes, best {min(times['bare Python']):.0f})")
    failed = 0
    for name, allowed in ALLOWED_MS.items():
        over = median[name] - bare
        failed += over > allowed
        verdict = "NOT MET" if over > allowed else "met"
        best = min(times[name])
        print(
            f"{name}: {median[name]:.0f} ms (best {best:.0f}), {over:.0f} over bare, allowed {allowed:.0f}: {verdict}"
        )
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 1:
        print(f"The machine was busy: load {os.getloadavg()[0]:.1f}.")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
