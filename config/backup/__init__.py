"""Copies of a running system, and an empty one filled from such a copy.

A backup is a folder: one dump a database, the pictures, and ``manifest.json`` with the digest of
every file and the figures that a restored system must show again. The secrets are a file of their
own beside it, so that they can be kept elsewhere.
"""

from config.backup.dump import back_up
from config.backup.restore import restore

__all__ = ["back_up", "restore"]
