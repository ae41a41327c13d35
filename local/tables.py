"""Make the template's tables in the engine."""

from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.resources import Table


class TableRefused(Exception):
    """The engine did not make or show a table; the text says why."""


def make_tables(tables: Sequence[Table], *, endpoint: str, environ: Mapping[str, str]) -> list[str]:
    """Make every table that is missing, and every index that an existing one lacks.

    Returns the names of the tables that were made.

    Raises:
        TableRefused: the engine refused, or was not there.
    """
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=environ.get("AWS_REGION"),
        aws_access_key_id=environ.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environ.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=environ.get("AWS_SESSION_TOKEN"),
        config=Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 3}),
    )
    try:
        return [table.schema["TableName"] for table in tables if _make(client, table)]
    except (BotoCoreError, ClientError) as cause:
        raise TableRefused(f"{endpoint}: {cause}") from cause
    finally:
        client.close()


def _make(client: Any, table: Table) -> bool:
    name = table.schema["TableName"]
    try:
        found = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        client.create_table(**table.schema)
        client.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        if table.ttl_attribute:
            ttl = {"Enabled": True, "AttributeName": table.ttl_attribute}
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        return True
    known = {index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])}
    for index in table.schema.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in known:
            client.update_table(
                TableName=name,
                AttributeDefinitions=table.schema["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
    return False
