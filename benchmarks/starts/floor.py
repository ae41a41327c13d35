"""The floor: the interpreter, a client of DynamoDB, and one item read with it."""

import os
from typing import Any

import botocore.session

client = botocore.session.get_session().create_client(
    "dynamodb", endpoint_url=os.environ["GREENROOM_DYNAMODB_ENDPOINT"]
)


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Read the item."""
    key = {"PK": {"S": event["key"]}, "SK": {"S": event["key"]}}
    found = client.get_item(TableName=os.environ["TABLE_NAME"], Key=key)
    return {"statusCode": 200, "found": "Item" in found}
