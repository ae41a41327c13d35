"""``python -m local.deployment``: deploy the real template without AWS, and prove it over HTTP.

It builds with SAM, deploys to ministack beside the stand-ins of outside parties, gives the APIs
their routes, and runs the golden requests against it (tests/golden). ``--keep`` leaves everything
running until Ctrl-C instead of ending it.
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aiohttp import web

from local.cloud import address_of, read_for
from local.configuration import Configuration, configure, local_keys
from local.deployment import ministack, stack
from local.deployment.door import Door
from local.engine import ROOT
from local.parties import CannotStart, listen, start_stand_ins
from local.signals import Signals

DEFAULT_PORT = 3100
GOLDEN = ROOT / "tests" / "golden"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def main(arguments: list[str]) -> int:
    """Deploy, prove, end; the exit code is that of the golden requests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="where the APIs answer")
    parser.add_argument("--keep", action="store_true", help="run until Ctrl-C")
    parser.add_argument("--python-bin", type=Path, required=True, help="folder of Python 3.13")
    parser.add_argument("--logs", type=Path, help="keep the logs in this folder")
    parser.add_argument("--figures", type=Path, help="write to this file what was proved, as JSON")
    asked = parser.parse_args(arguments)
    _forget_aws()
    signals = Signals()
    try:
        with ExitStack() as ending:
            folder = asked.logs or Path(
                ending.enter_context(tempfile.TemporaryDirectory(prefix="greenroom-"))
            )
            return _run(asked, folder.absolute(), signals, ending)
    except KeyboardInterrupt:
        return 130
    except (CannotStart, stack.DeploymentFailed) as reason:
        print(f"cannot deploy: {reason}", file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace, folder: Path, signals: Signals, ending: ExitStack) -> int:
    listener = ending.enter_context(listen(asked.port))
    configuration = _configuration(asked.port, folder / "data")
    logs = folder / "logs"
    architecture = ARCHITECTURES[platform.machine().lower()]
    with _step(f"sam build ({architecture})"):
        built = stack.build(
            architecture=architecture, python_bin=asked.python_bin, log_file=logs / "build.log"
        )
    parameters = stack.parameters_of(built, configuration.environ, architecture=architecture)
    file, notes = stack.fit(built, parameters)
    for note in notes:
        print(f"  not on ministack: {note}")
    with _step("stand-ins and ministack"):
        start_stand_ins(configuration, ending, say=lambda _: None)
        endpoint = ending.enter_context(
            ministack.running(folder / "ministack", log_file=logs / "ministack.log")
        )
    with _step("sam deploy"):
        deployed = stack.deploy(
            file, parameters=parameters, endpoint=endpoint, log_file=logs / "deploy.log"
        )
    keys = {name: configuration.environ[name] for name in local_keys(configuration.data_dir)}
    keys["LLM_API_KEY"] = configuration.environ["LLM_API_KEY"]
    stack.fill_secret(deployed, keys, endpoint=endpoint)
    template = read_for(
        ROOT / "template.yaml", environ=configuration.environ, address=address_of(listener)
    )
    door = Door(
        template.routes,
        api_ids={name: deployed.physical_ids[name] for name in template.apis},
        ministack=endpoint,
    )
    print(f"deployed: http://127.0.0.1:{asked.port}/api, {len(template.routes)} routes", flush=True)
    return asyncio.run(_serve(door, listener, configuration, asked, signals))


async def _serve(
    door: Door,
    listener: object,
    configuration: Configuration,
    asked: argparse.Namespace,
    signals: Signals,
) -> int:
    runner = web.AppRunner(door.application(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.SockSite(runner, listener).start()  # type: ignore[arg-type]
    stopped = asyncio.create_task(signals.wait())
    try:
        code = await _golden(configuration, asked, stopped)
        if asked.keep and not stopped.done():
            print("it runs until Ctrl-C", flush=True)
            await stopped
        return code
    finally:
        stopped.cancel()
        await runner.cleanup()


async def _golden(
    configuration: Configuration, asked: argparse.Namespace, stopped: asyncio.Task[None]
) -> int:
    """Run the golden requests against the deployment and the laptop cloud: pytest's exit code."""
    figures = [f"--figures={asked.figures.absolute()}"] if asked.figures else []
    environ = {
        **os.environ,
        "GREENROOM_DEPLOYED_PORT": str(configuration.port),
        "GREENROOM_DEPLOYED_DATA": str(configuration.data_dir),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", str(GOLDEN), *figures),
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    done = asyncio.create_task(process.wait())
    await asyncio.wait([done, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not done.done():
        process.terminate()
    return await done


def _forget_aws() -> None:
    """Whatever this environment says of an account in AWS must not take part."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]


def _configuration(port: int, data_dir: Path) -> Configuration:
    """The settings of a laptop without anybody's own: no ``.env``, no keys, no real parties."""
    kept = ("HOME", "LANG", "NO_PROXY", "PATH", "no_proxy")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    environ |= {"GREENROOM_PORT": str(port), "GREENROOM_DATA_DIR": str(data_dir)}
    return configure(data_dir, environ)


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"{name} ...", end=" ", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
