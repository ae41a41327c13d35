"""Whoever looks at all rows of a person knows every kind there is, also in a fresh container."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.test_table_doc import KNOWN

ROOT = Path(__file__).parents[2]
ASK = """
import sys
sys.path[:0] = [".", "layers/greenroom"]
from greenroom.table.item import KINDS
from greenroom.wiring import Wiring
environ = {"CLERK_ISSUER": "https://clerk.greenroom.test", "AWS_REGION": "eu-central-1"}
getattr(Wiring(sys.argv[1], environ=environ), sys.argv[2])
print(*KINDS)
"""


@pytest.mark.parametrize(
    ("function", "service"),
    [
        ("account", "export"),
        ("sweeper", "erasure"),
    ],
)
def test_no_row_of_a_person_is_of_a_kind_that_is_unknown_there(function: str, service: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ASK, function, service],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    of_nobody = {"admin_operation", "audit_entry", "migration", "reconciliation"}
    assert KNOWN - of_nobody <= set(told)


def test_one_place_alone_writes_entries_of_the_ledger() -> None:
    package = Path(__file__).parents[2] / "layers" / "greenroom" / "greenroom"
    makers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "LedgerItem"
    }

    assert makers == {"accounts/postings.py"}
