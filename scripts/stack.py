"""``scripts/stack.py greenroom-dev``: where a stack is, as variables for ``python -m ops``.

Says nothing of a stack that is not there: it is deployed for the first time.
"""

import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError

VARIABLES = {
    "TableName": "TABLE_NAME",
    "SecretArn": "GREENROOM_SECRET_ARN",
    "ApiUrl": "GREENROOM_API_URL",
}


def variables_of(client: Any, stack: str) -> dict[str, str]:
    """The variables that a stack's outputs make; none of one that is not there."""
    try:
        (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as refusal:
        told = refusal.response["Error"]
        if told["Code"] == "ValidationError" and "does not exist" in told["Message"]:
            return {}
        raise
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    return {name: outputs[key] for key, name in VARIABLES.items() if key in outputs}


def main(arguments: list[str]) -> int:
    (stack,) = arguments
    for name, value in variables_of(boto3.client("cloudformation"), stack).items():
        print(f"{name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
