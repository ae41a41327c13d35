"""Who is trusted: the roots of the bundle, and of a folder made of it the same ones."""

import ssl
from pathlib import Path

import certifi
import pytest
import roots

from greenroom.kernel.trust import trusted, trusting
from tests.authorities import Authority

HOST = "provider.test"


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """Raises what the client says of the server's certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=HOST),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while sides:
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                pass


@pytest.mark.parametrize("laid_out", [False, True])
def test_whoever_the_bundle_names_is_trusted_and_nobody_else(
    tmp_path: Path, *, laid_out: bool
) -> None:
    other, ours, stranger = Authority("Another root"), Authority(), Authority()
    (tmp_path / "cacert.pem").write_bytes(b"# A root\n" + other.root + b"\n" + ours.root)
    if laid_out:
        roots.lay_out(tmp_path)
    client = trusting(tmp_path / "cacert.pem")

    shake_hands(client, other.server(tmp_path, host=HOST))
    shake_hands(client, ours.server(tmp_path, host=HOST))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client, stranger.server(tmp_path, host=HOST))
    assert client.cert_store_stats()["x509_ca"] >= 2, "what was needed was read"


def test_a_folder_is_read_when_it_is_needed(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "cacert.pem").write_bytes(authority.root)
    roots.lay_out(tmp_path)

    assert trusting(tmp_path / "cacert.pem").cert_store_stats()["x509_ca"] == 0


def test_one_context_trusts_all_roots_of_certifi() -> None:
    listed = Path(certifi.where()).read_text().count("BEGIN CERTIFICATE")

    assert trusted() is trusted()
    assert trusted().cert_store_stats()["x509_ca"] == listed
    assert trusted().verify_mode == ssl.CERT_REQUIRED
    assert trusted().check_hostname
