"""Which origins a studio may allow its widget: those that browsers send, letter by letter."""

import pytest

from greenroom.organizations.studio import origin_of


@pytest.mark.parametrize(
    "text",
    [
        "https://studio.example",
        "https://www.yoga-now.co.uk",
        "https://studio.example:8443",
        "https://xn--bcher-kva.example",
        "http://localhost:3004",
        "http://127.0.0.1:3004",
        "http://localhost",
        "https://localhost:3004",
    ],
)
def test_an_exact_origin_may_be_allowed(text: str) -> None:
    assert origin_of(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "studio.example",
        "http://studio.example",
        "https://studio.example/",
        "https://studio.example/book",
        "https://studio.example:443",
        "http://localhost:80",
        "https://studio.example:0",
        "https://studio.example:99999",
        "https://studio.example:",
        "https://studio.example:0443",
        "https://*.studio.example",
        "https://user@studio.example",
        "https://studio.example#x",
        "https://studio.example?x",
        "https://studio",
        "https://bücher.example",
        "https://studio..example",
        "https://-studio.example",
        "ftp://studio.example",
        "file://studio.example",
        "https://[::1]",
        "http://127.0.0.2:1",
        "http://localhost.evil.example",
        "https://" + "a." * 140 + "example",
    ],
)
def test_anything_else_may_not(text: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        origin_of(text)


@pytest.mark.parametrize("text", [" https://Studio.example\n", "HTTPS://studio.example"])
def test_what_people_type_is_put_as_browsers_do(text: str) -> None:
    assert origin_of(text) == "https://studio.example"
