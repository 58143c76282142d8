"""The WSGI application of the sandbox's process, which leaves with the supervisor."""

from config.embedded.parent import leave_with_parent
from sandbox.wsgi import application

__all__ = ["application"]
leave_with_parent()
