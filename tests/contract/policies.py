"""What linters cannot know of a template: the rules of this product, each seeded with violations.

A policy takes a ``Stack`` and tells what is wrong, by logical id. ``policy_seeds.py`` has for each
at least one way to break it; ``test_policies.py`` wants the template to keep all, and each seed to
be found by its policy.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from greenroom.kernel import secrets
from greenroom.kernel.limits import FUNCTION_TIMEOUT_S
from tests.contract.stack import (
    API,
    FUNCTION,
    LOGS,
    ROLE,
    SECRET,
    Stack,
    as_list,
    literals,
    named,
)
from tests.contract.template import Intrinsic

Policy = Callable[[Stack], Iterator[str]]
POLICIES: dict[str, Policy] = {}

FORBIDDEN = re.compile(r"dynamodb:(Scan|(Delete|Update|Create)Table)|(iam|kms|sts|lambda):.*")
KEYISH = re.compile(r"sk_(live|test)_|whsec_|sk-[A-Za-z0-9]|AKIA[0-9A-Z]{16}|-----BEGIN")
ORIGIN_REFUSED = ("*", "https://*.example.com", "http://app.example.com", "https://a.example/", "")
# Routes that cost money or that anybody may write to: slower than the rest of their API.
STRICT = {
    "Api": {
        "POST /api/realtime-session",
        "POST /api/realtime-session/{sessionId}/token",
        "POST /api/webrtc-exchange",
        "POST /api/ai/generate",
        "POST /api/generate-feedback",
        "POST /api/client-errors",
    },
    "WidgetApi": {
        "POST /api/widget/{key}/bookings",
        "POST /api/widget/{key}/bookings/{token}/cancel",
        "POST /api/widget/{key}/bookings/{token}/confirm",
    },
}


def policy(check: Policy) -> Policy:
    """Make a function a policy; its docstring says the rule."""
    POLICIES[check.__name__] = check
    return check


@policy
def a_role_is_of_one_function(stack: Stack) -> Iterator[str]:
    """Every function has a role of its own, which Lambda alone may take on."""
    roles = [stack.role_of(name) for name in stack.of(FUNCTION)]
    yield from {name for name in roles if roles.count(name) > 1 or name not in stack.of(ROLE)}
    for name, role in stack.of(ROLE).items():
        for trust in role["AssumeRolePolicyDocument"]["Statement"]:
            if trust["Principal"] != {"Service": "lambda.amazonaws.com"}:
                yield name


@policy
def no_role_has_a_wildcard(stack: Stack) -> Iterator[str]:
    """Actions and resources are named, of this stack, and no role has a policy of others."""
    for name, one in stack.statements():
        if one["Effect"] != "Allow" or {"NotAction", "NotResource"} & set(one):
            yield name
        resources = as_list(one.get("Resource"))
        if not resources or not all(isinstance(each, Intrinsic) for each in resources):
            yield name
        if "*" in "".join(literals([*as_list(one.get("Action")), *resources])):
            yield name
    for name, role in stack.of(ROLE).items():
        if role.get("ManagedPolicyArns"):
            yield name
    yield from (name for name, one in stack.of(FUNCTION).items() if one.get("Policies"))


@policy
def no_role_can_harm_the_stack(stack: Stack) -> Iterator[str]:
    """Nobody scans the table, changes it, or hands on rights."""
    for name, one in stack.statements():
        if any(FORBIDDEN.fullmatch(action) for action in as_list(one["Action"])):
            yield name


@policy
def secrets_are_references(stack: Stack) -> Iterator[str]:
    """No parameter, variable or text holds a key; the one secret is filled by hand."""
    for name in stack.of(FUNCTION):
        variables = stack.function(name)["Environment"]["Variables"]
        yield from (f"{name}.{one}" for one in variables if one in secrets.NAMES)
    for text in literals(stack.document):
        if KEYISH.search(text) or "{{resolve:" in text:
            yield "a literal"
    for name, parameter in stack.parameters.items():
        told = name.endswith(("Secret", "Password", "Keys", "Key", "Token"))
        if (told and name != "ClerkPublishableKey") or parameter.get("NoEcho"):
            yield name
    for name, secret in stack.of(SECRET).items():
        if {"SecretString", "GenerateSecretString"} & set(secret):
            yield name


@policy
def access_is_logged_without_what_was_sent(stack: Stack) -> Iterator[str]:
    """Each API writes a line a request, with its route and without header, query, path or body."""
    for name, api in stack.of(API).items():
        told = api.get("AccessLogSettings", {})
        line = str(told.get("Format", ""))
        if (
            named(told.get("DestinationArn")) not in stack.of(LOGS)
            or "$context.routeKey" not in line
        ):
            yield name
        if any(word in line.lower() for word in ("header", "query", "path", "body")):
            yield name


@policy
def routes_have_rates(stack: Stack) -> Iterator[str]:
    """Each API has a rate, and each route that costs money or is open to all a lower one."""

    def rate(settings: dict[str, Any], what: str) -> float:
        parameter = named(settings.get(f"Throttling{what}Limit"))
        return float(stack.parameters.get(parameter, {}).get("Default", "inf"))

    for name, api in stack.of(API).items():
        common, routes = api.get("DefaultRouteSettings", {}), api.get("RouteSettings", {})
        known = {
            f"{event['Method']} {event['Path']}"
            for _, event in stack.events("HttpApi")
            if named(event["ApiId"]) == name
        }
        yield from (f"{name} {route}" for route in STRICT[name] - set(routes))
        yield from (f"{name} {route}" for route in set(routes) - known)
        for what in ("Rate", "Burst"):
            if rate(common, what) == float("inf"):
                yield name
            for route, settings in routes.items():
                if not rate(settings, what) < rate(common, what):
                    yield f"{name} {route}"


@policy
def origins_are_exact(stack: Stack) -> Iterator[str]:
    """Pages of configured origins may read answers; no wildcard can be configured."""
    origins = stack.parameters["AllowedOrigins"]
    pattern = re.compile(origins.get("AllowedPattern", ".*"))
    if "Default" in origins or any(pattern.fullmatch(one) for one in ORIGIN_REFUSED):
        yield "AllowedOrigins"
    for name, api in stack.of(API).items():
        cors = api.get("CorsConfiguration")
        if cors is None and name == "WidgetApi":
            continue  # its function answers for CORS
        told = cors if isinstance(cors, dict) else {}
        exact = named(told.get("AllowOrigins")) == "AllowedOrigins"
        if not exact or "*" in "".join(literals(told)) or "AllowCredentials" in told:
            yield name


@policy
def nothing_is_open_to_the_world(stack: Stack) -> Iterator[str]:
    """No function has an address of its own, no policy trusts everybody."""
    for name, function in stack.of(FUNCTION).items():
        if "FunctionUrlConfig" in function:
            yield name
    for name, one in stack.resources.items():
        if one["Type"].endswith(("Policy", "Permission")):
            yield name


@policy
def functions_end_in_time(stack: Stack) -> Iterator[str]:
    """A function that answers HTTP ends before API Gateway gives up."""
    for name, _ in stack.events("HttpApi"):
        if stack.function(name)["Timeout"] != FUNCTION_TIMEOUT_S:
            yield name


@policy
def functions_log_into_groups_of_their_own(stack: Stack) -> Iterator[str]:
    """Lines are JSON, and each function's group is its own and forgets."""
    groups = [
        named(stack.function(name)["LoggingConfig"].get("LogGroup")) for name in stack.of(FUNCTION)
    ]
    yield from {one for one in groups if groups.count(one) > 1 or one not in stack.of(LOGS)}
    if stack.common["LoggingConfig"]["LogFormat"] != "JSON":
        yield "Globals"
    for name, group in stack.of(LOGS).items():
        if named(group.get("RetentionInDays")) not in stack.parameters:
            yield name
