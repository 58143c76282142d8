"""A process that dies on purpose: loads the product once, then forks a child for each task.

Reads one JSON task a line: {"platform": code, "failpoint": name, "call": "module:function",
"args": {...}, "break": "module:function that refuses"}. The child runs the call in the
platform's scope and is killed at the failpoint.
Answers {"signal": 9} or {"status": 0} once the child has ended. Run as a module, never imported.
"""

import importlib
import json
import os
import sys
from uuid import UUID


def _child(task: dict[str, object]) -> None:
    from django.db import connections

    from kernel import failpoints, tenancy

    connections.close_all()
    failpoints._NAME = str(task["failpoint"])
    if task.get("break"):
        _break(str(task["break"]))
    module, _, name = str(task["call"]).partition(":")
    tenant = tenancy.directory().by_code(str(task["platform"]))
    assert tenant is not None, "the platform isn't in the directory"
    with tenancy.scope(tenant):
        getattr(importlib.import_module(module), name)(**_arguments(task["args"]))


def _arguments(sent: object) -> dict[str, object]:
    """JSON's text for ids back into UUIDs."""
    assert isinstance(sent, dict)
    return {
        name: UUID(value) if name in ("key", "cart_id", "order_id") else value
        for name, value in sent.items()
    }


def _break(place: str) -> None:
    """Make a function refuse, so that the journey turns round."""
    from kernel.errors import Conflict

    def refuse(**arguments: object) -> None:
        raise Conflict("broken by the test")

    module, _, name = place.partition(":")
    setattr(importlib.import_module(module), name, refuse)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connections

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            try:
                _child(task)
            except BaseException as error:
                print(f"child: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(3)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        print(json.dumps({"signal": killed, "status": code}), flush=True)


if __name__ == "__main__":
    main()
