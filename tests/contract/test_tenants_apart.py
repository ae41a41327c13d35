"""Only ``Tenant`` makes keys of tenants."""

from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "layers" / "greenroom" / "greenroom"
SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_the_prefix_of_tenants_is_written_in_one_place(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    without_chart = code.split('"""', 2)[-1]  # a store's docstring shows its keys

    maker = path == PACKAGE / "kernel" / "tenants.py"
    assert ('"T"' in without_chart) is maker
    assert '"T#' not in without_chart
