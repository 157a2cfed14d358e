"""A worker of its own that counts what pages asked for: `python -m tests.bench.reports.counting URL` prints seconds and its peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time

from escalation.kept import working
from web.wiring import open_city


def main(url: str) -> int:
    """Count, and tell."""
    city = open_city(url)
    began = time.perf_counter()
    counted = working.run_due(city.core)
    taken = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    city.close()
    sys.stdout.write(json.dumps({"counted": counted, "seconds": round(taken, 2), "peak_mb": round(peak)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
