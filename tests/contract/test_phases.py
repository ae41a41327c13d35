"""The phases of the warm path know every module that a request can go through."""

import importlib.util
import json
import pkgutil
import subprocess
import sys

import pytest

import greenroom
from benchmarks.phases import (
    CLIENT,
    KEYS,
    LIBRARY,
    LOG,
    NEUTRAL,
    OURS,
    OWNERS,
    PARTIES,
    PHASES,
    SHAPES,
    owner_of,
    phase_of,
)
from greenroom.wiring import FUNCTION_SETTINGS
from tests.contract.template import ROOT

LATER = ["boto3", "httpx", "sentry_sdk", "stripe"]  # what a request may import
# What libraries import where they find it; the layer has none of it.
ONLY_HERE = {"OpenSSL", "charset_normalizer", "click", "greenlet", "pygments", "requests", "rich"}
PROGRAM = """
import importlib, json, sys
at_first = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
found = {name: one for name, one in sys.modules.items() if name not in at_first}
print(json.dumps([name for name, one in found.items() if getattr(one, "__file__", None)]))
"""


def test_every_module_that_the_product_imports_has_a_phase_or_is_its_callers() -> None:
    functions = [f"functions.{name}.app" for name in FUNCTION_SETTINGS]
    ours = [one.name for one in pkgutil.walk_packages(greenroom.__path__, "greenroom.")]

    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *functions, *ours, *LATER],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'greenroom'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    of_others = ONLY_HERE | sys.stdlib_module_names
    found = {name for name in json.loads(ran.stdout) if name.partition(".")[0] not in of_others}
    owners = {module: owner_of(module) for module in found if not module.startswith("_sysconfig")}
    assert set(owners) >= {*functions, *ours, *LATER}
    assert set(owners.values()) == {None, *PHASES} - {LIBRARY}
    assert owner_of("logging.handlers") == LOG


@pytest.mark.parametrize("name", sorted({*OWNERS, *NEUTRAL}))
def test_every_name_on_the_list_is_that_of_a_module(name: str) -> None:
    assert importlib.util.find_spec(name) is not None


def test_a_module_that_nobody_has_placed_is_told() -> None:
    with pytest.raises(LookupError, match="surprise"):
        owner_of("surprise.inner")


@pytest.mark.parametrize(
    ("stack", "phase"),
    [
        (["greenroom.accounts.service"], OURS),
        (["greenroom.sessions.items", "greenroom.sessions.store"], SHAPES),
        (["greenroom.sessions.assignment_items"], SHAPES),
        (["pynamodb.attributes", "greenroom.sessions.store"], SHAPES),
        (["pynamodb.connection.base", "greenroom.table.table"], CLIENT),
        (["http.client", "greenroom.table.pool", "greenroom.table.wire"], CLIENT),
        (["hmac", "greenroom.table.signature"], CLIENT),
        (["hmac", "greenroom.payments.signature", "greenroom.payments.webhook"], KEYS),
        (["uuid", "greenroom.kernel.ids"], LIBRARY),
        (["re", "re._parser", "greenroom.interviews.metrics"], LIBRARY),
        (["json.encoder", "json", "greenroom.interviews.transcript"], SHAPES),
        (["json.encoder", "json", "greenroom.table.wire"], CLIENT),
        (["json.decoder", "json", "aws_lambda_powertools.logging.formatter"], LOG),
        (["ssl", "httpcore", "httpx", "greenroom.realtime.gateway"], PARTIES),
        (["threading"], LIBRARY),
    ],
)
def test_a_stack_is_in_the_phase_of_whoever_asked_for_the_work(
    stack: list[str], phase: str
) -> None:
    assert phase_of(stack) == phase
