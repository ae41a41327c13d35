"""Which pages may read what: every route by every kind of origin."""

from greenroom.web.route import Route
from tests.contract import template
from tests.figures import Figure
from tests.functions.edge import each, example, path_of
from tests.widgets import SITE
from tests.world import ORIGIN, Person, Reply, World

# None of them is a site of the studio, though some look like it.
FOREIGN = [
    *("https://evil.example", "null", "*", "", "file://", "http://studio.example"),
    *(f"{SITE}.evil.example", "https://evilstudio.example", f"{SITE}:8443", f"{SITE}/", f"{SITE}:"),
    *(f"{SITE}@evil.example", f"https://x.{SITE[8:]}", SITE.upper(), f"{SITE},{SITE}"),
    *(
        f"{SITE} {SITE}",
        f" {SITE}",
        f"{SITE}\r\nX-Injected: 1",
        f"{SITE}\0",
        f"{SITE}#",
        f"{SITE}?",
    ),
    *("https://studio.ex\u0430mple", "https://studio%2eexample", "https://" + "x" * 9_000),
    *("chrome-extension://abcdefghijklmnop", "https://studio.example.", "https://[::1]"),
]
PERMITS = ("access-control-allow-methods", "access-control-allow-headers")


def cors(reply: Reply) -> dict[str, str]:
    found = {name.lower(): value for name, value in reply.headers.items()}
    return {name: value for name, value in found.items() if name.startswith("access-control-")}


@each(lambda route: route.path.startswith("/api/widget/"))
def test_a_foreign_page_reads_nothing_of_a_widget(
    edge: World, figure: Figure, route: Route
) -> None:
    """It may read why it was refused, which holds nothing of anybody's; it is permitted nothing."""
    wrong = []
    for origin in FOREIGN:
        reply = edge.call(path_of(route), example(route), headers={"origin": origin})
        told = cors(reply)
        sound = (
            (reply.status >= 400 or "access-control-allow-origin" not in told)
            and told.get("access-control-allow-origin", origin) == origin
            and "access-control-allow-credentials" not in told
            and not told.keys() & set(PERMITS)
            and not any("\r" in value or "\n" in value for value in reply.headers.values())
        )
        if origin == "":
            sound = sound and "access-control-allow-origin" not in told
        wrong += [] if sound else [(origin, reply.status, told)]

    figure("hostile input", "origins", good=len(FOREIGN) - len(wrong), of=len(FOREIGN))
    assert wrong == []


@each(lambda route: route.path.startswith("/api/widget/"))
def test_the_studios_own_page_may_read_and_send(edge: World, route: Route) -> None:
    """So that what is refused above is refused for where it comes from."""
    told = cors(edge.call(path_of(route), example(route), headers={"origin": SITE}))

    assert told["access-control-allow-origin"] == SITE
    assert (told.keys() >= set(PERMITS)) is (route.method == "OPTIONS")


@each(lambda route: not route.path.startswith("/api/widget/"))
def test_all_other_functions_leave_cors_to_their_api(
    edge: World, ada: Person, figure: Figure, route: Route
) -> None:
    """Whatever a page says of itself: API Gateway answers by the exact list of the template."""
    origins = ["https://evil.example", "null", ORIGIN]
    replies = [
        ada.call(path_of(route), example(route), headers={"origin": origin}) for origin in origins
    ]

    good = sum(cors(reply) == {} for reply in replies)
    figure("hostile input", "origins", good=good, of=len(origins))
    assert good == len(origins)


def test_apis_name_their_origins_and_never_take_credentials() -> None:
    """Tokens come in a header; a cookie of a browser is worth nothing."""
    apis = template.resources("AWS::Serverless::HttpApi").values()
    configured = [api["CorsConfiguration"] for api in apis if "CorsConfiguration" in api]

    assert len(configured) == 1
    for one in configured:
        assert one["AllowOrigins"] == template.Intrinsic("Ref", "AllowedOrigins")
        assert "*" not in str(one)
        assert not one.get("AllowCredentials")


def test_there_are_at_least_twenty_foreign_origins() -> None:
    assert len(set(FOREIGN)) == len(FOREIGN) >= 20
