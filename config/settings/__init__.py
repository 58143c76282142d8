"""Settings, one module a concern; every value comes from the environment (see .env.example)."""

from .base import *
from .certification import *
from .database import *
from .mail import *
from .media import *
from .search import *
from .security import *
from .web import *
from .work import *

from .logs import *  # isort: skip
