"""One cold start: imports a handler, says so, and lets it answer one event.

``once.py module event.json``, run by ``benchmarks.cold`` under callgrind. Standard library only.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace


def main(name: str, event: Path) -> None:
    told = json.loads(event.read_text())
    handler = importlib.import_module(name).lambda_handler
    os.getpriority(os.PRIO_PROCESS, 0)  # callgrind parts its counts at this call
    answer = handler(told, CONTEXT)
    event.with_suffix(".answer.json").write_text(json.dumps(answer))


CONTEXT = SimpleNamespace(
    aws_request_id="cold",
    function_name="cold",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:cold",
    get_remaining_time_in_millis=lambda: 29_000,
)

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
