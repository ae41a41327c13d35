"""The command to run after each deployment: what has to be true, each line with what to do."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from greenroom.kernel.settings import CommonSettings
from greenroom.wiring import Wiring
from ops.deployment import TIMEOUT_S, Deployment, Seen, admin_checks, public_checks
from ops.output import Output, table

TOKEN: Final = "GREENROOM_ADMIN_TOKEN"
ADDRESS: Final = "GREENROOM_API_URL"
LAPTOPS_ADMIN: Final = "user_admin"


def deploy_check(
    wired: Wiring,
    out: Output,
    *,
    url: str | None,
    token: str | None,
    origin: str | None,
    public: bool,
    look_at_table: bool,
) -> int:
    """Look at a deployment: 0 if all is as it should be.

    Raises:
        ValueError: nothing says where it is, or who asks.
    """
    base = url or wired.environ.get(ADDRESS)
    if not base:
        raise ValueError(f"say where the deployment is: --url <ApiUrl>, or {ADDRESS}")
    origin = origin or next(iter(wired.of(CommonSettings).allowed_origins), None)
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
        token = token or wired.environ.get(TOKEN) or _laptops_token(wired, client)
        if not (token or public):
            raise ValueError(
                f"an admin's session token: --token or {TOKEN} (it is good for a minute); "
                "--public looks only at what anybody can see"
            )
        deployment = Deployment(base, token=token, client=client)
        seen = list(public_checks(deployment, origin=origin))
        if not public:
            seen += admin_checks(deployment)
    if look_at_table:
        seen += _table(wired)
    failed = [one for one in seen if one.ok is False]
    document = {
        "url": base,
        "ok": not failed,
        "checks": [
            {
                "name": one.name,
                "ok": one.ok,
                "told": one.told,
                "do": one.do if one in failed else None,
            }
            for one in seen
        ],
    }
    rows = [(_word(one), one.name, one.told) for one in seen]
    todo = [f"{one.name}: {one.do}" for one in failed]
    end = f"{len(seen) - len(failed)} of {len(seen)} are as they should be"
    out.result(document, [*table(rows), *todo, end])
    return 1 if failed else 0


def _word(one: Seen) -> str:
    return {True: "ok", False: "FAILED", None: "-"}[one.ok]


def _laptops_token(wired: Wiring, client: httpx.Client) -> str | None:
    """A fresh token of the laptop cloud's admin, from its stand-in for Clerk."""
    base = wired.environ.get("CLERK_API_BASE", "")
    if not base.startswith("http://127.0.0.1:"):
        return None
    admins = (wired.environ.get("GREENROOM_ADMINS") or LAPTOPS_ADMIN).split(",")
    try:
        answer = client.post(f"{base}/v1/sign-in", json={"userId": admins[0].strip()})
        token: str = answer.raise_for_status().json()["token"]
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    return token


def _table(wired: Wiring) -> Iterator[Seen]:
    """How the table is set: what keeps its rows from being lost."""
    common = wired.of(CommonSettings)
    region = wired.environ.get("AWS_REGION") or wired.environ.get("AWS_DEFAULT_REGION")
    config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})
    client = boto3.client(
        "dynamodb",
        endpoint_url=common.greenroom_dynamodb_endpoint,
        region_name=region,
        config=config,
    )
    with closing(client):
        try:
            found = client.describe_table(TableName=common.table_name)["Table"]
        except (ClientError, BotoCoreError) as failure:
            do = "TABLE_NAME, AWS_REGION, and the rights to describe it"
            yield Seen(name="table", ok=False, told=_reason(failure), do=do)
            return
        yield _set("table is active", found["TableStatus"], "ACTIVE")
        indexes = {one["IndexName"]: one for one in found.get("GlobalSecondaryIndexes", [])}
        yield _set("both indexes", sorted(indexes), ["GSI1", "GSI2"])
        if common.greenroom_dynamodb_endpoint:
            yield Seen(name="table settings", ok=None, told="an engine on this machine has none")
            return
        yield _set("deletion protection", str(found.get("DeletionProtectionEnabled")), "True")
        billing = found.get("BillingModeSummary", {}).get("BillingMode")
        yield _set("on demand", billing, "PAY_PER_REQUEST")
        stream = found.get("StreamSpecification", {}).get("StreamViewType")
        yield _set("stream", stream, "NEW_AND_OLD_IMAGES")
        yield from _kept(client, common.table_name)


def _kept(client: Any, name: str) -> Iterator[Seen]:
    try:
        told = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = told.get("PointInTimeRecoveryDescription", {})
        status = recovery.get("PointInTimeRecoveryStatus", "DISABLED")
        yield _set("point-in-time recovery", status, "ENABLED")
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        yield _set("time to live", ttl.get("AttributeName"), "ttl")
    except (ClientError, BotoCoreError) as failure:
        do = "the rights to describe backups and the time to live"
        yield Seen(name="table settings", ok=False, told=_reason(failure), do=do)


def _set(name: str, found: object, wanted: object) -> Seen:
    do = "" if found == wanted else "the table drifted: deploy template.yaml again"
    return Seen(name=name, ok=found == wanted, told=str(found), do=do)


def _reason(failure: ClientError | BotoCoreError) -> str:
    if isinstance(failure, ClientError):
        return str(failure.response["Error"]["Code"])
    return type(failure).__name__


def command(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """The command, as its words say."""
    return deploy_check(
        wired,
        out,
        url=words.url,
        token=words.token,
        origin=words.origin,
        public=words.public,
        look_at_table=not words.no_table,
    )


def add_words(under: argparse.ArgumentParser) -> None:
    """The words of this command."""
    under.add_argument("--url", metavar="URL", help=f"the stack's ApiUrl (default: {ADDRESS})")
    under.add_argument("--token", help=f"an admin's session token (default: {TOKEN})")
    under.add_argument("--origin", metavar="URL", help="where the page is, which may call")
    under.add_argument("--public", action="store_true", help="only what anybody can see")
    under.add_argument("--no-table", action="store_true", help="leave the table's settings out")
