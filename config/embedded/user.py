"""Which user PostgreSQL runs as: it refuses root, so root lends it an unprivileged one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "nobody", "daemon")


class CannotStart(RuntimeError):
    """The embedded server can't run here; the message says why and what to do."""


@dataclass(frozen=True)
class RunAs:
    """The user of the server process; ``lent`` when it isn't the user who starts it."""

    uid: int
    gid: int
    name: str
    lent: bool

    def popen_options(self) -> dict[str, object]:
        """Arguments for subprocess that change to this user."""
        if not self.lent:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make ``path`` this user's own, and nobody else's."""
        if self.lent:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can reach the folder through all its parents."""
        return self.runs("/bin/sh", "-c", 'cd "$1"', "sh", str(folder))

    def runs(self, *command: str) -> bool:
        """Whether the command succeeds as this user."""
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=30,
                check=False,
                **self.popen_options(),  # type: ignore[call-overload]
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return bool(done.returncode == 0)


def choose_user(data: Path) -> RunAs:
    """This process's user, or as root the owner of ``data``, or an unprivileged user that exists.

    Raises CannotStart when root finds no such user or may not change to it.
    """
    if os.geteuid() != 0:
        return RunAs(os.geteuid(), os.getegid(), "", lent=False)
    entries = []
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return RunAs(owner.st_uid, owner.st_gid, str(owner.st_uid), lent=True)
    for name in CANDIDATES:
        try:
            entries.append(pwd.getpwnam(name))
        except KeyError:
            continue
    for entry in entries:
        found = RunAs(entry.pw_uid, entry.pw_gid, entry.pw_name, lent=True)
        if found.uid != 0 and found.runs("/bin/sh", "-c", "true"):
            return found
    raise CannotStart(
        "PostgreSQL doesn't run as root, and none of the users "
        f"{', '.join(CANDIDATES)} can be used here. Start as an ordinary user, "
        "or set DATABASE_URL to a PostgreSQL server."
    )
