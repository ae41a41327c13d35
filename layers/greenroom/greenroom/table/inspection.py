"""What operators look at under the table: its connections, and when it forgets rows.

botocore and urllib3 do not show their pools, and PynamoDB cannot ask for the time to live: the
private names are those of the versions that the layer ships, and tests hold this file to them.
"""

from typing import Any

from botocore.exceptions import BotoCoreError

from greenroom.kernel.errors import StoreUnavailable
from greenroom.table.pool import PoolState
from greenroom.table.table import Table
from greenroom.table.wire import Wire


def pool_state(table: Table) -> PoolState:
    """How many connections the table's client has, and what they have served."""
    client: Any = table.connection.client
    if isinstance(client, Wire):
        return client.pool.state()
    by_host = client._endpoint.http_session._manager.pools  # noqa: SLF001 (see the module)
    pools = [by_host[key] for key in list(by_host.keys())]
    waiting = [list(pool.pool.queue) for pool in pools]
    return PoolState(
        max_connections=client.meta.config.max_pool_connections,
        in_use=sum(
            pool.pool.maxsize - len(queue) for pool, queue in zip(pools, waiting, strict=True)
        ),
        idle=sum(connection is not None for queue in waiting for connection in queue),
        opened=sum(pool.num_connections for pool in pools),
        requests=sum(pool.num_requests for pool in pools),
    )


def ttl_attribute(table: Table) -> str | None:
    """The attribute by which rows are forgotten, or None where they never are.

    Raises:
        VerboseClientError: DynamoDB refused to say.
        StoreUnavailable: the table did not answer.
    """
    ask = table.connection._make_api_call  # noqa: SLF001 (dispatch adds what this refuses)
    try:
        told = ask("DescribeTimeToLive", {"TableName": table.name})["TimeToLiveDescription"]
    except BotoCoreError as silence:
        raise StoreUnavailable(log={"reason": type(silence).__name__}) from silence
    on = told.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    return str(told.get("AttributeName")) if on else None


def close(table: Table) -> None:
    """Let go of the table's connections; it is of no use afterwards."""
    client: Any = table.connection.client
    client.close()
