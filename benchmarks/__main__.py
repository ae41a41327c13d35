"""``make bench``: measures, and writes docs/performance.md and docs/costs.md."""

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
COSTS = ROOT / "docs" / "costs.md"

TEXT = """\
# Performance

Counts, not times: they are the same on every machine. `make bench` measures them and writes
this page; a test compares the counts of a start with the budget (tests/store/test_counts.py).

## What each use case costs

Through the real handlers, on the laptop cloud's DynamoDB engine, whose consumed capacity agrees
with the rules of AWS (a transactional write costs two units a kilobyte; entries of indexes are
included). A batch of transcript chunks counts as an update.

{costs}
"""


def main() -> int:
    """Measure everything; 0 when it could be measured."""
    os.environ["AWS_LAMBDA_LOG_LEVEL"] = os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"
    # Imported here, because the logger is made with the level that it finds.
    from benchmarks import costs, counts  # noqa: PLC0415
    from local.engine import start_engine  # noqa: PLC0415
    from local.template import read_template  # noqa: PLC0415
    from tests.conftest import connect  # noqa: PLC0415
    from tests.world import World  # noqa: PLC0415

    logging.getLogger("greenroom.metrics").setLevel(logging.CRITICAL)
    print("counting calls and units ...", flush=True)
    template = read_template(ROOT / "template.yaml", environ={}, queue_url=lambda name: name)
    engine = start_engine()
    try:
        world = World(template, engine.endpoint, connect(engine.endpoint))
        measured = counts.measure(world)
    finally:
        engine.stop()
    PAGE.write_text(TEXT.format(costs=counts.table(measured)))
    COSTS.write_text(costs.page(measured))
    print(counts.table(measured))
    print(f"written to {PAGE.relative_to(ROOT)} and {COSTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
