"""The usual way: every party's own SDK, a validating resolver, tracing, Sentry as it comes."""

import os
from typing import Any

import boto3
import openai
import sentry_sdk
import stripe
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model
from svix.webhooks import Webhook

sentry_sdk.init(dsn="http://key@127.0.0.1:1/1")
logger = Logger(service="naive")
metrics = Metrics(service="naive", namespace="Naive")
tracer = Tracer(service="naive")
app = APIGatewayHttpResolver(enable_validation=True)
queue = boto3.client("sqs")
payments = stripe.StripeClient("sk_test_none")
models = openai.OpenAI(api_key="none")
webhook = Webhook("whsec_bm9uZW5vbmVub25l")


class Row(Model):
    """An item of the table."""

    class Meta:
        """Where the table is."""

        table_name = os.environ["TABLE_NAME"]
        host = os.environ["GREENROOM_DYNAMODB_ENDPOINT"]
        region = os.environ["AWS_REGION"]

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")


class Found(BaseModel):
    """What is answered."""

    found: bool


@app.get("/rows/<key>")
def row(key: str) -> Found:
    """Whether there is such an item."""
    return Found(found=next(iter(Row.query(key, limit=1)), None) is not None)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request."""
    return app.resolve(event, context)
