"""Outside judges: OpenSSL's command line."""

import subprocess
from pathlib import Path

from asn1crypto import pem

DISTID = "distid:1234567812345678"


def openssl(*arguments: object) -> tuple[int, str]:
    """Return code and all output."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def write_pem(path: Path, *ders: bytes) -> Path:
    """Certificates as a PEM file."""
    path.write_bytes(b"".join(pem.armor("CERTIFICATE", der) for der in ders))
    return path


def write(path: Path, data: bytes) -> Path:
    """The bytes as a file."""
    path.write_bytes(data)
    return path


def changed(data: bytes, place: int = -5) -> bytes:
    """The same with one bit changed."""
    found = bytearray(data)
    found[place] ^= 1
    return bytes(found)
