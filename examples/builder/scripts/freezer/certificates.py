"""A run-time hook for programs with ssl: on a Linux other than Debian, OpenSSL of Debian finds no certificates.

The places are those of Go: https://github.com/golang/go/blob/go1.26.0/src/crypto/x509/root_linux.go
"""


def _find_certificates() -> None:
    import os
    import sys

    debian = os.path.exists("/usr/lib/ssl/certs")  # noqa: PTH110 - pathlib would slow every start
    if sys.platform != "linux" or debian or {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        return
    import _ssl

    # Where this OpenSSL looks. That of uv's Python knows other systems.
    if any(map(os.path.exists, _ssl.get_default_verify_paths()[1::2])):
        return
    for file in (
        "/etc/ssl/certs/ca-certificates.crt",  # Arch, Alpine
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",  # openSUSE
        "/etc/pki/tls/certs/ca-bundle.crt",
    ):
        if os.path.exists(file):  # noqa: PTH110
            os.environ["SSL_CERT_FILE"] = file
            return


_find_certificates()
del _find_certificates
