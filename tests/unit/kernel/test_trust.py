"""Who is trusted: the roots of the bundle, and of a folder made of it the same ones."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
import roots
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from greenroom.kernel.trust import trusted, trusting

HOST = "provider.test"
PEM = serialization.Encoding.PEM


class Authority:
    """Somebody who signs certificates."""

    def __init__(self, name: str = "A root") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root = self._sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))

    def server(self, folder: Path) -> ssl.SSLContext:
        """A server of the host, with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
        told = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        private = key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_bytes(private + self._sign(told, key, names))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem")
        return context

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(PEM)


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

    shake_hands(client, other.server(tmp_path))
    shake_hands(client, ours.server(tmp_path))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client, stranger.server(tmp_path))
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
