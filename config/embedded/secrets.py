"""Secrets made at first start and kept, readable by their owner only, under DATA_DIR/secrets."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(data_dir: Path, name: str) -> str:
    """The secret of that name; made when first asked for, the same one ever after.

    Safe when several processes ask at once: a complete file is linked into place, the first wins.
    """
    folder = data_dir / "secrets"
    path = folder / name
    try:
        found = _read(path)
        if found:
            return found
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return _read(path)
    except OSError as error:
        raise ImproperlyConfigured(
            f"Can't keep secrets under {folder}: {error.strerror}. "
            "Set DATA_DIR to a folder this user may write, or give the secrets by environment."
        ) from error


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return ""
    if stat.S_IMODE(mode) & 0o077:
        path.chmod(0o600)
    return path.read_text().strip()
