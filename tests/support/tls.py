"""github.com for gh: a proxy that answers https://api.github.com itself, with a certificate of the tests."""

import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.servers import Quiet

NAMES = ("api.github.com", "uploads.github.com", "github.com")


def certificate(folder: Path, names: Sequence[str] = NAMES) -> Path:
    """Make a certificate for names, with its key in the same file; gh gets it as $SSL_CERT_FILE."""
    file = folder / "github.pem"
    alternatives = ",".join(f"DNS:{name}" for name in names)
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ),
            *("-nodes", "-days", "2", "-subj", "/CN=GitHub of the tests"),
            # rustls takes no authority's certificate for a server's.
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *(
                "-addext",
                f"subjectAltName={alternatives}",
                "-keyout",
                file,
                "-out",
                folder / "certificate",
            ),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (folder / "certificate").read_text())
    return file


class Closing(ssl.SSLSocket):
    """A socket that is closed when nobody holds it.

    wrap_socket leaves its own open when the client is gone already, and Python warns of that in
    whichever test runs next.
    """

    def __del__(self) -> None:
        """Close it."""
        self.close()


def serving(certificate: Path) -> ssl.SSLContext:
    """What a server with a certificate and its key wraps its connections in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = Closing
    context.load_cert_chain(certificate)
    return context


class Tunnel(Quiet):
    """A handler that also answers inside of a tunnel, as the host that the client asked for."""

    host = ""
    context: ssl.SSLContext | None = None

    @property
    def base(self) -> str:
        """How the client calls this server."""
        return f"https://{self.host}" if self.host else f"http://{self.headers['Host']}"

    def do_CONNECT(self) -> None:
        """Open a tunnel, and answer what comes through it."""
        host = self.path.partition(":")[0]
        if host not in NAMES or self.context is None:
            self.answer(502, b"the tests reach no other host")
            return
        self.send_response(200)
        self.end_headers()
        self.host = host
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        with (
            self.connection,
            self.connection.makefile("rb") as self.rfile,
            self.connection.makefile("wb") as self.wfile,
        ):
            self.close_connection = False
            while not self.close_connection:
                self.handle_one_request()
        self.close_connection = True
