"""Settings, one module a concern; every value comes from the environment (see .env.example)."""

from .base import *  # noqa: F403
from .database import *  # noqa: F403
from .security import *  # noqa: F403
from .web import *  # noqa: F403
from .work import *  # noqa: F403
from .logs import *  # noqa: F403  # isort: skip
