"""The engine starts, keeps its data through a kill, and never outlives its parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.engine import (
    DYNOXIDE_SHA256,
    ROOT,
    Engine,
    EngineUnavailable,
    _npm_binary,
    choose_engine,
    dynoxide_binary,
    start_engine,
)
from local.tables import make_tables
from tests.unit.local.clouds import until
from tests.unit.local.test_template import read

installed = pytest.mark.skipif(not _npm_binary().is_file(), reason="dynoxide is not installed")

CREDENTIALS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local"}
CREDENTIALS |= {"AWS_SECRET_ACCESS_KEY": "local"}


def _client(endpoint: str) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie is dead; it waits for whoever adopted it.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


@installed
def test_an_engine_in_memory_answers_and_stops() -> None:
    engine = start_engine("dynoxide")
    try:
        client = _client(engine.endpoint)
        assert client.list_tables()["TableNames"] == []
        client.close()
    finally:
        engine.stop()

    assert engine.child is not None
    assert not engine.child.alive


@installed
def test_data_survives_a_kill_of_everything(tmp_path: Path) -> None:
    data_file = tmp_path / "greenroom.db"
    script = (
        "import sys, time; from pathlib import Path; from local.engine import start_engine\n"
        "engine = start_engine('dynoxide', data_file=Path(sys.argv[1]))\n"
        "print(engine.endpoint, engine.child.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(data_file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    endpoint, pid = parent.stdout.readline().split()
    make_tables(read().tables, endpoint=endpoint, environ=CREDENTIALS)
    client = _client(endpoint)
    client.put_item(TableName="local-things", Item={"PK": {"S": "a"}, "SK": {"S": "b"}})
    client.close()

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until(lambda: not _alive(int(pid)))

    engine = start_engine("dynoxide", data_file=data_file)
    try:
        assert make_tables(read().tables, endpoint=engine.endpoint, environ=CREDENTIALS) == []
        again = _client(engine.endpoint)
        assert again.scan(TableName="local-things")["Count"] == 1
        again.close()
    finally:
        engine.stop()


@installed
def test_a_missing_table_is_made_with_its_index_and_ttl() -> None:
    engine = start_engine("dynoxide")
    try:
        made = make_tables(read().tables, endpoint=engine.endpoint, environ=CREDENTIALS)

        client = _client(engine.endpoint)
        table = client.describe_table(TableName="local-things")["Table"]
        ttl = client.describe_time_to_live(TableName="local-things")["TimeToLiveDescription"]
        client.close()
    finally:
        engine.stop()
    assert made == ["local-things"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["ByOwner"]
    assert ttl["AttributeName"] == "ttl"


@installed
def test_an_engine_that_an_earlier_run_left_is_ended(tmp_path: Path) -> None:
    data_file = tmp_path / "greenroom.db"
    left = start_engine("dynoxide", data_file=data_file)
    assert left.child is not None

    engine = start_engine("dynoxide", data_file=data_file)

    try:
        assert not left.child.alive
        assert engine.child is not None
        assert engine.child.alive
    finally:
        engine.stop()
        left.stop()


@installed
def test_the_npm_binary_is_the_one_that_we_know(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dynoxide_binary({}) == _npm_binary()

    monkeypatch.setitem(DYNOXIDE_SHA256, "linux-x64", "0" * 64)
    with pytest.raises(EngineUnavailable, match="sha256"):
        dynoxide_binary({})


def test_the_engine_is_the_one_that_is_named() -> None:
    assert choose_engine({"GREENROOM_ENGINE": "ministack"}) == "ministack"
    assert choose_engine({"GREENROOM_DYNOXIDE": "/opt/dynoxide"}) == "dynoxide"
    with pytest.raises(EngineUnavailable, match="GREENROOM_ENGINE"):
        choose_engine({"GREENROOM_ENGINE": "moto"})


def test_a_binary_that_ends_at_once_is_reported() -> None:
    with pytest.raises(EngineUnavailable, match="exit code"):
        start_engine("dynoxide", environ={"GREENROOM_DYNOXIDE": "/bin/false"})


def test_an_engine_elsewhere_is_left_alone() -> None:
    Engine("elsewhere", "http://127.0.0.1:1").stop()
