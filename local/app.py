"""The composition of the laptop cloud: settings, engine, stand-ins, then the cloud itself."""

import asyncio
import fcntl
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from local.cloud import Cloud, address_of, read_for
from local.cloudformation import TemplateRefused
from local.configuration import (
    Configuration,
    ConfigurationRefused,
    configure,
    write_addresses,
)
from local.engine import ROOT, Engine, EngineUnavailable, start_engine
from local.parties import CannotStart, listen, start_stand_ins
from local.processes import Child
from local.signals import Signals
from local.tables import TableRefused, make_tables
from local.thirdparty import OFFSET, SCRIPT, ThirdParty

CHECK_S = 1.0
"""How often we look whether our children still live."""


def main(environ: Mapping[str, str], *, root: Path = ROOT) -> int:
    """Run the laptop cloud until it is asked to stop; the exit code."""
    signals = Signals()
    try:
        with ExitStack() as stack:
            return _run(configure(root, environ), root, signals, stack)
    except KeyboardInterrupt:
        return 130
    except (
        CannotStart,
        ConfigurationRefused,
        EngineUnavailable,
        TableRefused,
        TemplateRefused,
    ) as reason:
        print(f"Greenroom cannot start: {reason}", file=sys.stderr)
        return 1


def _run(configuration: Configuration, root: Path, signals: Signals, stack: ExitStack) -> int:
    template_file = root / "template.yaml"
    listener = stack.enter_context(listen(configuration.port))
    stack.enter_context(_lock(configuration.data_dir))
    template = read_for(template_file, environ=configuration.environ, address=address_of(listener))
    for notice in [*configuration.notices, *(f"not run here: {each}" for each in template.ignored)]:
        _say(notice)
    engine = _engine(configuration)
    stack.callback(engine.stop)
    made = make_tables(template.tables, endpoint=engine.endpoint, environ=configuration.environ)
    for name in made:
        _say(f"made table {name}")
    children = start_stand_ins(configuration, stack, say=_say)
    if engine.child is not None:
        children.append(engine.child)
    if not (root / "web" / "index.html").is_file():
        _say("web/index.html is missing: the page answers 404")
    site = _third_party(configuration, root, stack)
    environ = {**configuration.environ, "GREENROOM_DYNAMODB_ENDPOINT": engine.endpoint}
    addresses = write_addresses(configuration.data_dir, environ)
    stack.callback(addresses.unlink, missing_ok=True)
    cloud = Cloud(
        template_file,
        listener=listener,
        environ=environ,
        data_dir=configuration.data_dir,
    )
    return asyncio.run(_serve(cloud, configuration, engine, children, signals=signals, site=site))


async def _serve(
    cloud: Cloud,
    configuration: Configuration,
    engine: Engine,
    children: list[Child],
    *,
    signals: Signals,
    site: ThirdParty | None,
) -> int:
    await cloud.start()
    if site is not None:
        await site.start()
    _say_where(configuration, engine, site)
    asked = asyncio.create_task(signals.wait())
    try:
        while not asked.done():
            await asyncio.wait([asked], timeout=CHECK_S)
            cloud.raise_failure()
            for child in [each for each in children if not each.alive]:
                children.remove(child)
                code = child.process.returncode
                _say(f"{child.name} ended with exit code {code}; see its log in the data folder")
                if child is engine.child:
                    return 1
        _say("\nstopping ...")
        return 0
    finally:
        asked.cancel()
        if site is not None:
            await site.stop()
        await cloud.stop()


def _lock(data_dir: Path) -> ExitStack:
    """Keep the data folder to this run; the lock goes with the process, however it ends."""
    stack = ExitStack()
    file = stack.enter_context((data_dir / "lock").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as cause:
        stack.close()
        raise CannotStart(
            f"another run uses the data folder {data_dir}; set GREENROOM_DATA_DIR to another one"
        ) from cause
    return stack


def _engine(configuration: Configuration) -> Engine:
    elsewhere = configuration.environ.get("GREENROOM_DYNAMODB_ENDPOINT")
    if elsewhere:
        return Engine("the engine that you chose", elsewhere)
    _say("starting the DynamoDB engine ...")
    return start_engine(
        data_file=configuration.data_dir / "greenroom.db",
        environ=configuration.environ,
        progress=_say,
    )


def _third_party(configuration: Configuration, root: Path, stack: ExitStack) -> ThirdParty | None:
    """Somebody else's site with our widget, where there is one to show."""
    if not (root / "web" / SCRIPT).is_file():
        return None
    listener = stack.enter_context(listen(configuration.port + OFFSET))
    return ThirdParty(listener, gateway=f"http://127.0.0.1:{configuration.port}")


def _say_where(configuration: Configuration, engine: Engine, site: ThirdParty | None) -> None:
    own = f"http://127.0.0.1:{configuration.port}"
    lines = [
        ("Page", own),
        ("API", f"{own}/api"),
        ("API explorer", f"{own}/docs"),
        *((each.title, configuration.address(each)) for each in configuration.stand_ins),
        *([("Studio's site", f"{site.address}/?key=wk_…")] if site else []),
        ("Data folder", str(configuration.data_dir)),
        ("DynamoDB", f"{engine.name}, {engine.endpoint}"),
    ]
    width = max(len(value) for _, value in lines) + 18
    rule = "─" * width
    print(f"\n┌{rule}┐")
    print(f"│{'  Greenroom is running. Ctrl-C stops it.':<{width}}│")
    for name, value in lines:
        print(f"│{f'  {name:<14}{value}':<{width}}│")
    print(f"└{rule}┘")
    if engine.warning:
        print(f"NOTE: {engine.warning}")
    sys.stdout.flush()


def _say(text: str) -> None:
    print(text, flush=True)
