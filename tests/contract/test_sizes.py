"""What ships has a budget in bytes; tests/contract/test_layer.py holds to it what was built."""

import json
import zipfile
from pathlib import Path

import pytest

from benchmarks import size
from benchmarks.artefacts import Size, bytecode_in, packages_in, size_of

MEGABYTE = 1_000_000


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    for name, text in {
        "stripe/client.py": "x" * 900,
        "stripe/__pycache__/client.cpython-313.pyc": "x" * 60,
        "stripe-16.1.0.dist-info/METADATA": "x" * 40,
        "cffi.libs/libffi.so": "x" * 100,
        "six.py": "x" * 10,
    }.items():
        file = tmp_path / "layer" / "python" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "layer"


def test_a_size_is_that_of_all_files_and_of_a_zip_of_them(layer: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "own.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (path for path in layer.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(layer))

    found = size_of(layer)

    assert (found.unzipped, found.files) == (1110, 5)
    assert found.zipped == (tmp_path / "own.zip").stat().st_size


def test_what_a_package_brings_along_is_counted_with_it(layer: Path) -> None:
    assert packages_in(layer) == {"stripe": 1000, "cffi": 100, "six": 10}
    assert bytecode_in(layer) == 60


def test_whatever_is_over_its_budget_is_named_and_nothing_else() -> None:
    allowed = {"layer_unzipped": 1000, "layer_zipped": 500, "function_unzipped": 10}
    functions = {"account": Size(10, 5, 2), "admin": Size(11, 5, 2)}

    assert size.over(Size(1000, 500, 1), {"account": functions["account"]}, allowed=allowed) == []
    assert size.over(Size(1001, 501, 1), functions, allowed=allowed) == [
        "the layer, unzipped: 1,001 bytes, 1,000 allowed",
        "the layer, zipped: 501 bytes, 500 allowed",
        "admin, unzipped: 11 bytes, 10 allowed",
    ]


def test_a_lower_budget_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = size.budget()
    fits = Size(written["layer_unzipped"], written["layer_zipped"], 1)
    size.hold_to_budget(fits, {})

    (tmp_path / "sizes.json").write_text(
        json.dumps({name: most - 1 for name, most in written.items()})
    )
    monkeypatch.setattr(size, "BUDGET", tmp_path / "sizes.json")

    with pytest.raises(SystemExit, match="over budget: the layer, unzipped"):
        size.hold_to_budget(fits, {})


def test_the_budget_leaves_room_for_what_a_function_may_need() -> None:
    written = size.budget()

    assert written["layer_unzipped"] + written["function_unzipped"] < size.UNZIPPED_LIMIT / 3
    assert written["layer_zipped"] < 50 * MEGABYTE
