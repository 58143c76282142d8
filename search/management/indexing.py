"""``manage.py search status|rebuild|rollback|verify|run``: what an operator does with the index.

Rebuild and rollback are requests to whoever writes the index. When nobody does, the command takes
the lock and does the work itself.
"""

import json
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from kernel import tenancy
from kernel.tenancy import Tenant
from search.building import BUILDERS
from search.models import IndexTask
from search.services import engines, rebuilding
from search.services.indexer import Indexer
from search.services.inspecting import status as look
from search.services.inspecting import verify as compare

Say = Callable[[str], None]


def add_arguments(commands: Any) -> None:
    """Add the subcommands to an argparse subparsers object."""
    one: ArgumentParser = commands.add_parser("status", help="how the index is")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=status)
    one = commands.add_parser("rebuild", help="build a new index beside the one that serves")
    _types(one)
    one.add_argument("--no-wait", action="store_true", help="ask for it and don't watch")
    one.set_defaults(run=rebuild)
    one = commands.add_parser("rollback", help="go back to the index before the last rebuild")
    _types(one)
    one.add_argument("--no-wait", action="store_true", help="ask for it and don't watch")
    one.set_defaults(run=rollback)
    one = commands.add_parser("verify", help="compare the index with the database")
    one.add_argument("--platform", help="one platform's code; all without it")
    one.add_argument("--quick", action="store_true", help="only what is there, not what it says")
    one.add_argument("--repair", action="store_true", help="index again what differs")
    one.set_defaults(run=verify)
    one = commands.add_parser("run", help="write the index in this process until stopped")
    one.set_defaults(run=run)


def _types(parser: ArgumentParser) -> None:
    parser.add_argument(
        "types", nargs="*", metavar="type", help=f"of {', '.join(BUILDERS)}; all without one"
    )


def status(say: Say, **options: Any) -> None:
    found = look(engines.engine())
    if options["json"]:
        say(json.dumps(found, indent=2))
        return
    say(f"Engine: {found['engine']}, {'up' if found['up'] else 'DOWN: ' + found['detail']}")
    for one in found["indexes"]:
        mark = "serves" if one["current"] else "kept"
        say(f"  {one['name']}: {one['documents']} documents, {mark}")
    for one in found["databases"]:
        waiting = one["waiting"]
        say(
            f"Database {one['database']}: {waiting['single']} single and {waiting['bulk']} bulk "
            f"changes wait (the oldest {one['oldest_waits_seconds']} s), "
            f"{one['set_aside']} documents are set aside."
        )
        for trouble in one["reasons"]:
            say(f"  {trouble['type']} {trouble['id']}: {trouble['reason']}")
        if one["writer_seen_seconds_ago"] is None:
            say("  Nobody has written the index yet.")
        else:
            say(
                f"  Written by {one['writer']}, seen {one['writer_seen_seconds_ago']} s ago, "
                f"complete up to {one['caught_up_seconds_ago']} s ago. {one['note']}"
            )
    for task in found["tasks"]:
        say(f"Task: {_line(task['kind'], task['type'], task)}")


def rebuild(say: Say, **options: Any) -> None:
    _ask(IndexTask.Kind.REBUILD, say, options)


def rollback(say: Say, **options: Any) -> None:
    _ask(IndexTask.Kind.ROLLBACK, say, options)


def _ask(kind: str, say: Say, options: dict[str, Any]) -> None:
    types = options["types"] or list(BUILDERS)
    for name in types:
        if name not in BUILDERS:
            raise CommandError(f"There is no type {name!r}; there are {', '.join(BUILDERS)}.")
    tasks = [rebuilding.ask(kind, name, reason="asked for on the command line") for name in types]
    if options["no_wait"]:
        say(f"Asked for: {kind} of {', '.join(types)}.")
        return
    follow(tasks, say)
    failed = [task for task in tasks if task.state == IndexTask.State.FAILED]
    if failed:
        raise CommandError("; ".join(f"{task.doc_type}: {task.note}" for task in failed))


def follow(tasks: list[IndexTask], say: Say) -> None:
    """Tell of the tasks' progress until they are done; do them here while nobody else does."""
    indexer = Indexer(engines.make())
    said = ""
    try:
        while any(task.state in rebuilding.OPEN for task in tasks):
            if indexer.lock.hold():
                indexer.step()
            else:
                time.sleep(0.3)
            for task in tasks:
                task.refresh_from_db()
            line = "; ".join(_line(task.kind, task.doc_type, vars(task)) for task in tasks)
            if line != said:
                said = line
                say(line)
    finally:
        indexer.engine.close()
        indexer.lock.leave()


def _line(kind: str, doc_type: str, task: dict[str, Any]) -> str:
    done = f" {task['done']} of {task['total']}" if task["total"] and task["step"] else ""
    return f"{kind} of {doc_type}: {task['state']} {task['step']}{done}".rstrip()


def verify(say: Say, **options: Any) -> None:
    tenants = _tenants(options["platform"])
    found = compare(
        engines.engine(), tenants, contents=not options["quick"], repair=options["repair"], say=say
    )
    say(
        f"{found.documents} documents compared, {len(found.differences)} differ, "
        f"{found.waiting} wait to be written."
    )
    for platform, name, what in found.differences[:20]:
        say(f"  {platform} {name}: {what}")
    if found.differences and not options["repair"]:
        raise CommandError("The index differs from the database; --repair indexes it again.")


def _tenants(code: str | None) -> list[Tenant]:
    if code is None:
        return rebuilding.tenants()
    found = tenancy.directory().by_code(code)
    if found is None:
        raise CommandError(f"There is no platform {code!r}.")
    return [found]


def run(say: Say, **options: Any) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    say("Writing the index whenever nobody else does; Ctrl-C stops.")
    Indexer(engines.make()).run(stopping)
