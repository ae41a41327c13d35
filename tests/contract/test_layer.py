"""What `sam build` made is what Lambda should run. Nothing to see where nothing was built."""

import _imp
import os
from pathlib import Path

import pytest
from botocore.loaders import Loader

from benchmarks import size
from benchmarks.artefacts import size_of
from tests.contract.template import resources

BUILT = Path(__file__).parents[2] / ".aws-sam" / "build"
LAYER = BUILT / "GreenroomLayer" / "python"
PYC_FLAGS = slice(4, 8)  # PEP 552
UNCHECKED_HASH = (1).to_bytes(4, "little")
MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}  # ELF: e_machine

pytestmark = pytest.mark.skipif(not LAYER.is_dir(), reason="not built: make build")


def test_every_module_has_bytecode_of_lambdas_python_that_no_date_makes_stale() -> None:
    handlers = list(BUILT.glob("*Function/*.py"))
    sources = [*LAYER.rglob("*.py"), *handlers]

    assert {path.parent.name for path in handlers} == set(resources("AWS::Serverless::Function"))
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert compiled.is_file(), source
        assert compiled.read_bytes()[PYC_FLAGS] == UNCHECKED_HASH


def test_the_bytecode_is_of_the_sources_beside_it() -> None:
    for source in [*LAYER.glob("greenroom/**/*.py"), *BUILT.glob("*Function/*.py")]:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        found = compiled.read_bytes()
        # As importlib.util.source_hash, with the magic number of Lambda's Python, not of ours.
        magic = int.from_bytes(found[:4], "little")

        assert found[8:16] == _imp.source_hash(magic, source.read_bytes())


def test_every_compiled_library_is_for_lambdas_processor() -> None:
    architecture = os.environ.get("ARCHITECTURE", "arm64")
    libraries = list(LAYER.rglob("*.so"))

    assert libraries
    for library in libraries:
        machine = library.read_bytes()[18:20]
        wanted = MACHINES[architecture].to_bytes(2, "little")
        assert machine == wanted, f"{library.name} is not for {architecture}"


@pytest.mark.parametrize("service", ["dynamodb", "sqs", "secretsmanager", "sts"])
def test_botocore_still_knows_the_services_that_we_call(service: str) -> None:
    loader = Loader(
        extra_search_paths=[str(LAYER / "botocore" / "data")], include_default_search_paths=False
    )

    assert loader.load_service_model(service, "service-2")["operations"]
    assert loader.load_service_model(service, "endpoint-rule-set-1")


def test_every_root_of_the_bundle_has_a_file_of_its_own() -> None:
    bundle = (LAYER / "certifi" / "cacert.pem").read_text()
    roots = [path.read_text() for path in (LAYER / "certifi" / "roots").iterdir()]

    assert len(roots) == bundle.count("BEGIN CERTIFICATE") > 100
    assert all(root in bundle for root in roots)


def test_what_ships_is_as_small_as_its_budget_says() -> None:
    functions = {path.name: size_of(path) for path in BUILT.glob("*Function")}

    size.hold_to_budget(size_of(LAYER.parent), functions)


def test_the_layer_holds_no_tool() -> None:
    assert not (LAYER / "bin").exists()
    assert not list(LAYER.rglob("*.pyi"))
