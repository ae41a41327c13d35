"""Read a SAM template into the resources that a laptop can run."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.cloudformation import (
    ACCOUNT,
    REGION,
    Resolver,
    TemplateRefused,
    load_document,
    variable_name,
)
from local.http_apis import http_api, http_route
from local.resources import Function, Queue, QueueSource, Table, Template, Timer

_RATE_UNITS_S = {"minute": 60, "hour": 3600, "day": 86400}


def read_template(
    path: Path, *, environ: Mapping[str, str], queue_url: Callable[[str], str]
) -> Template:
    """Read a template; parameters come from ``environ`` (``ALLOWED_ORIGINS``), else defaults.

    Raises:
        TemplateRefused: it cannot be read, or asks for what the laptop cloud cannot do.
    """
    document = load_document(path)
    return _Reader(document, path.parent, Resolver(document, environ), queue_url).read()


class _Reader:
    def __init__(
        self,
        document: Mapping[str, Any],
        root: Path,
        resolver: Resolver,
        queue_url: Callable[[str], str],
    ) -> None:
        self.globals: Mapping[str, Any] = document.get("Globals", {})
        self.resources: Mapping[str, Any] = document["Resources"]
        self.root = root
        self.resolver = resolver
        self.queue_url = queue_url
        self.layers: dict[str, Path] = {}
        self.template = Template()

    def read(self) -> Template:
        self._name_resources()
        for _, properties in self._of_type("AWS::SQS::Queue"):
            self.template.queues.append(self._queue(self.resolver.resolve(properties)))
        for logical_id, properties in self._of_type("AWS::DynamoDB::Table"):
            self.template.tables.append(_table(logical_id, self.resolver.resolve(properties)))
        for logical_id, properties in self._of_type("AWS::Serverless::LayerVersion"):
            content = self.root / str(properties["ContentUri"])
            # A layer that is built by a Makefile keeps its packages at the top of its sources.
            packaged = content / "python"
            self.layers[logical_id] = packaged if packaged.is_dir() else content
        self._read_apis()
        for logical_id, properties in self._of_type("AWS::Serverless::Function"):
            self._read_function(logical_id, properties)
        return self.template

    def _of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self.resources.items():
            condition = resource.get("Condition")
            if resource["Type"] == kind and (condition is None or self.resolver.holds(condition)):
                yield logical_id, resource.setdefault("Properties", {})

    def _name_resources(self) -> None:
        """Give every queue, table and function its name, ARN and reference."""
        kinds = {
            "AWS::SQS::Queue": ("QueueName", "sqs", ""),
            "AWS::DynamoDB::Table": ("TableName", "dynamodb", "table/"),
            "AWS::Serverless::Function": ("FunctionName", "lambda", "function:"),
        }
        for kind, (name_property, service, prefix) in kinds.items():
            for logical_id, properties in self._of_type(kind):
                # ``TABLE_NAME`` names the resource ``Table``, whatever the template calls it.
                named = self.resolver.environ.get(f"{variable_name(logical_id)}_NAME")
                name = named or self.resolver.resolve(properties.get(name_property)) or logical_id
                arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{prefix}{name}"
                reference = self.queue_url(name) if kind == "AWS::SQS::Queue" else name
                self.resolver.references[logical_id] = reference
                self.resolver.attributes[logical_id, "Arn"] = arn
                if kind == "AWS::SQS::Queue":
                    self.resolver.attributes[logical_id, "QueueName"] = name
                    self.resolver.attributes[logical_id, "QueueUrl"] = reference
                else:
                    properties[name_property] = name
        for logical_id, properties in self._of_type("AWS::SQS::Queue"):
            properties["QueueName"] = self.resolver.attributes[logical_id, "QueueName"]
        for logical_id, _ in self._of_type("AWS::Serverless::LayerVersion"):
            self.resolver.references[logical_id] = logical_id

    def _queue(self, properties: Mapping[str, Any]) -> Queue:
        redrive = properties.get("RedrivePolicy", {})
        target = redrive.get("deadLetterTargetArn", "")
        return Queue(
            name=properties["QueueName"],
            visibility_timeout_s=int(properties.get("VisibilityTimeout", 30)),
            delay_s=int(properties.get("DelaySeconds", 0)),
            dead_letter_queue=target.rsplit(":", 1)[-1] or None,
            max_receive_count=int(redrive.get("maxReceiveCount", 0)),
        )

    def _read_apis(self) -> None:
        for logical_id, own in self._of_type("AWS::Serverless::HttpApi"):
            self.resolver.references[logical_id] = logical_id
            settings = self.resolver.resolve({**self.globals.get("HttpApi", {}), **own})
            self.template.apis[logical_id] = http_api(logical_id, settings)

    def _add_route(self, function: str, properties: Mapping[str, Any]) -> None:
        route = http_route(function, properties)
        if route.api not in self.template.apis:
            # SAM makes the API that routes without one share.
            settings = self.resolver.resolve(self.globals.get("HttpApi", {}))
            self.template.apis[route.api] = http_api(route.api, settings)
        if any(known.key == route.key for known in self.template.routes):
            raise TemplateRefused(f"{route.key} is there twice: one address serves all APIs here")
        self.template.routes.append(route)

    def _read_function(self, logical_id: str, properties: Mapping[str, Any]) -> None:
        common = self.resolver.resolve(self.globals.get("Function", {}))
        own = self.resolver.resolve(properties)
        merged = {**common, **own}
        variables = {
            **common.get("Environment", {}).get("Variables", {}),
            **own.get("Environment", {}).get("Variables", {}),
        }
        layers = [*common.get("Layers", []), *own.get("Layers", [])]
        self.template.functions[logical_id] = Function(
            logical_id=logical_id,
            name=own["FunctionName"],
            code=(self.root / str(merged["CodeUri"])).resolve(),
            handler=str(merged["Handler"]),
            timeout_s=int(merged.get("Timeout", 3)),
            memory_mb=int(merged.get("MemorySize", 128)),
            environment={name: _text(value) for name, value in variables.items()},
            layers=tuple(self.layers[name].resolve() for name in layers if name in self.layers),
        )
        for name, event in merged.get("Events", {}).items():
            self._read_event(logical_id, name, event["Type"], event.get("Properties", {}))

    def _read_event(
        self, function: str, name: str, kind: str, properties: Mapping[str, Any]
    ) -> None:
        if kind == "HttpApi":
            self._add_route(function, properties)
        elif kind == "SQS":
            self._read_queue_source(function, properties)
        elif kind in {"Schedule", "ScheduleV2"}:
            self._read_timer(function, name, kind, properties)
        else:
            self.template.ignored.append(f"event {name} of {function} ({kind})")

    def _read_queue_source(self, function: str, properties: Mapping[str, Any]) -> None:
        if properties.get("Enabled", True) is False:
            return
        self.template.queue_sources.append(
            QueueSource(
                function=function,
                queue=str(properties["Queue"]).rsplit(":", 1)[-1],
                batch_size=int(properties.get("BatchSize", 10)),
                reports_item_failures="ReportBatchItemFailures"
                in properties.get("FunctionResponseTypes", []),
            )
        )

    def _read_timer(
        self, function: str, name: str, kind: str, properties: Mapping[str, Any]
    ) -> None:
        enabled = properties.get("Enabled", True) not in {False, "false"}
        if not enabled or properties.get("State") == "DISABLED":
            return
        expression = str(properties.get("ScheduleExpression", properties.get("Schedule", "")))
        every_s = rate_seconds(expression)
        if every_s is None:
            self.template.ignored.append(f"schedule {name} of {function} ({expression})")
            return
        self.template.timers.append(
            Timer(
                name=f"{function}{name}",
                function=function,
                every_s=every_s,
                event_source="aws.scheduler" if kind == "ScheduleV2" else "aws.events",
                input_text=properties.get("Input"),
            )
        )


def rate_seconds(expression: str) -> int | None:
    """Seconds between two runs of ``rate(5 minutes)``; ``None`` for anything but a rate."""
    words = expression.strip().removeprefix("rate(").removesuffix(")").split()
    if not expression.strip().startswith("rate(") or len(words) != 2:
        return None
    unit_s = _RATE_UNITS_S.get(words[1].removesuffix("s"))
    return int(words[0]) * unit_s if unit_s and words[0].isdigit() else None


def _table(logical_id: str, properties: Mapping[str, Any]) -> Table:
    schema = {
        "TableName": properties.get("TableName", logical_id),
        "KeySchema": properties["KeySchema"],
        "AttributeDefinitions": properties["AttributeDefinitions"],
        # A laptop has no capacity to provision.
        "BillingMode": "PAY_PER_REQUEST",
    }
    indexes = properties.get("GlobalSecondaryIndexes", [])
    if indexes:
        kept = ("IndexName", "KeySchema", "Projection")
        schema["GlobalSecondaryIndexes"] = [
            {name: index[name] for name in kept} for index in indexes
        ]
    ttl = properties.get("TimeToLiveSpecification", {})
    return Table(schema=schema, ttl_attribute=ttl.get("AttributeName"))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
