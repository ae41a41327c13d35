"""The SQS endpoint: the JSON protocol of AWS's SDKs over ``local.queues``."""

import hashlib
import json
import time
import uuid
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from local.cloudformation import ACCOUNT, REGION
from local.queues import MAX_BATCH, MAX_MESSAGE_BYTES, MAX_VISIBILITY_S, Message, Queues
from local.queues import QueueMissing as UnknownQueue

CONTENT_TYPE = "application/x-amz-json-1.0"

Fields = Mapping[str, Any]


class Refused(Exception):
    """A request that SQS would refuse; ``code`` is SQS's name of the error."""

    def __init__(self, code: str, text: str) -> None:
        """``text`` is for people."""
        super().__init__(text)
        self.code = code


class SqsEndpoint:
    """Answers the operations that a client of these queues needs."""

    def __init__(self, queues: Queues, url_of: Callable[[str], str]) -> None:
        """``url_of`` makes the URL of a queue from its name."""
        self._queues = queues
        self._url_of = url_of
        self._operations: dict[str, Callable[[Fields], Any]] = {
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": self._delete_batch,
            "ChangeMessageVisibility": self._change_visibility,
            "GetQueueAttributes": self._attributes,
            "GetQueueUrl": self._url,
            "ListQueues": self._list,
            "PurgeQueue": self._purge,
        }

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request of an SDK."""
        operation = request.headers.get("X-Amz-Target", "").removeprefix("AmazonSQS.")
        try:
            fields = json.loads(await request.read() or b"{}")
            if operation == "ReceiveMessage":
                answer = await self._receive(fields)
            elif operation in self._operations:
                answer = self._operations[operation](fields)
            else:
                return _refusal(Refused("UnsupportedOperation", f"no operation {operation!r}"))
        except UnknownQueue as missing:
            refusal = Refused("QueueDoesNotExist", f"The specified queue does not exist: {missing}")
            return _refusal(refusal)
        except (KeyError, ValueError, TypeError) as cause:
            return _refusal(Refused("InvalidParameterValue", f"{type(cause).__name__}: {cause}"))
        except Refused as refused:
            return _refusal(refused)
        headers = {"x-amzn-RequestId": str(uuid.uuid4())}
        body = json.dumps(answer).encode()
        return web.Response(body=body, content_type=CONTENT_TYPE, headers=headers)

    def _name(self, fields: Fields) -> str:
        name = str(fields["QueueUrl"]).rstrip("/").rsplit("/", 1)[-1]
        return self._queues.queue(name).name

    def _send(self, fields: Fields) -> dict[str, Any]:
        name = self._name(fields)
        body = fields["MessageBody"]
        attributes = fields.get("MessageAttributes") or {}
        if not body:
            raise Refused("MissingParameter", "The request must contain MessageBody")
        if len(body.encode()) + len(json.dumps(attributes)) > MAX_MESSAGE_BYTES:
            raise Refused("InvalidParameterValue", f"longer than {MAX_MESSAGE_BYTES} bytes")
        delay_s = fields.get("DelaySeconds")
        if delay_s is not None and not 0 <= int(delay_s) <= 900:
            raise Refused("InvalidParameterValue", "DelaySeconds must be 0 to 900")
        message = self._queues.send(
            name,
            body,
            attributes=attributes,
            delay_s=None if delay_s is None else int(delay_s),
        )
        answer = {"MessageId": message.id, "MD5OfMessageBody": message.md5}
        if attributes:
            answer["MD5OfMessageAttributes"] = attributes_md5(attributes)
        return answer

    def _send_batch(self, fields: Fields) -> dict[str, Any]:
        return self._batch(fields, self._send)

    def _delete(self, fields: Fields) -> dict[str, Any]:
        self._queues.delete(self._name(fields), fields["ReceiptHandle"])
        return {}

    def _delete_batch(self, fields: Fields) -> dict[str, Any]:
        return self._batch(fields, self._delete)

    def _batch(self, fields: Fields, operation: Callable[[Fields], Any]) -> dict[str, Any]:
        entries = fields["Entries"]
        ids = [entry["Id"] for entry in entries]
        if not entries:
            raise Refused("EmptyBatchRequest", "The batch is empty")
        if len(entries) > MAX_BATCH:
            raise Refused("TooManyEntriesInBatchRequest", f"More than {MAX_BATCH} entries")
        if len(set(ids)) != len(ids):
            raise Refused("BatchEntryIdsNotDistinct", "Two entries have the same Id")
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            try:
                answer = operation({**entry, "QueueUrl": fields["QueueUrl"]})
            except Refused as refused:
                fault = {"SenderFault": True, "Code": refused.code, "Message": str(refused)}
                failed.append({"Id": entry["Id"], **fault})
            else:
                done.append({"Id": entry["Id"], **answer})
        return {"Successful": done, "Failed": failed}

    def _change_visibility(self, fields: Fields) -> dict[str, Any]:
        seconds = int(fields["VisibilityTimeout"])
        if not 0 <= seconds <= MAX_VISIBILITY_S:
            raise Refused("InvalidParameterValue", f"VisibilityTimeout: 0 to {MAX_VISIBILITY_S}")
        if not self._queues.hide(self._name(fields), fields["ReceiptHandle"], seconds=seconds):
            raise Refused("ReceiptHandleIsInvalid", "The receipt handle is not valid")
        return {}

    def _attributes(self, fields: Fields) -> dict[str, Any]:
        name = self._name(fields)
        queue, counts = self._queues.queue(name), self._queues.counts(name)
        known = {
            "QueueArn": queue_arn(name),
            "ApproximateNumberOfMessages": str(counts["visible"]),
            "ApproximateNumberOfMessagesNotVisible": str(counts["inFlight"]),
            "ApproximateNumberOfMessagesDelayed": str(counts["delayed"]),
            "VisibilityTimeout": str(queue.visibility_timeout_s),
            "DelaySeconds": str(queue.delay_s),
        }
        if queue.dead_letter_queue:
            target = queue_arn(queue.dead_letter_queue)
            policy = {
                "deadLetterTargetArn": target,
                "maxReceiveCount": queue.max_receive_count,
            }
            known["RedrivePolicy"] = json.dumps(policy)
        wanted = fields.get("AttributeNames") or []
        if "All" not in wanted:
            known = {key: value for key, value in known.items() if key in wanted}
        return {"Attributes": known}

    def _url(self, fields: Fields) -> dict[str, Any]:
        return {"QueueUrl": self._url_of(self._queues.queue(fields["QueueName"]).name)}

    def _list(self, fields: Fields) -> dict[str, Any]:
        prefix = fields.get("QueueNamePrefix") or ""
        names = [name for name in self._queues.names if name.startswith(prefix)]
        return {"QueueUrls": [self._url_of(name) for name in names]}

    def _purge(self, fields: Fields) -> dict[str, Any]:
        self._queues.purge(self._name(fields))
        return {}

    async def _receive(self, fields: Fields) -> dict[str, Any]:
        name = self._name(fields)
        visibility_s = fields.get("VisibilityTimeout")
        most = int(fields.get("MaxNumberOfMessages", 1))
        if not 1 <= most <= MAX_BATCH:
            raise Refused("InvalidParameterValue", f"MaxNumberOfMessages must be 1 to {MAX_BATCH}")
        deadline_s = time.monotonic() + min(20, int(fields.get("WaitTimeSeconds", 0)))
        while True:
            messages = self._queues.receive(name, most=most, visibility_s=visibility_s)
            left_s = deadline_s - time.monotonic()
            if messages or left_s <= 0:
                return {"Messages": [_wire(message) for message in messages]} if messages else {}
            await self._queues.wait(name, limit_s=left_s)


def queue_arn(name: str) -> str:
    """The ARN of a queue of the laptop cloud."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def attributes_md5(attributes: Mapping[str, Any]) -> str:
    """The digest of message attributes (SQS developer guide, "Calculating the MD5")."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        for text in (name, value["DataType"]):
            digest.update(len(text.encode()).to_bytes(4, "big") + text.encode())
        binary = value["DataType"].startswith("Binary")
        raw = b64decode(value["BinaryValue"]) if binary else value["StringValue"].encode()
        digest.update(bytes([2 if binary else 1]) + len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()


def _wire(message: Message) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MD5OfBody": message.md5,
        "Attributes": message.system_attributes,
    }
    if message.attributes:
        wire["MessageAttributes"] = dict(message.attributes)
    return wire


def _refusal(refusal: Refused) -> web.Response:
    body = {"__type": f"com.amazonaws.sqs#{refusal.code}", "message": str(refusal)}
    return web.Response(
        status=400,
        body=json.dumps(body).encode(),
        content_type=CONTENT_TYPE,
        headers={"x-amzn-query-error": f"{refusal.code};Sender"},
    )
