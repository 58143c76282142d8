"""One API request in a process of its own, which a failpoint may kill. Run as a module.

Takes one argument: JSON with ``path``, ``body`` and ``headers``. Prints the answer's status.
"""

import json
import sys


def main() -> None:
    import django

    django.setup()
    from django.test import Client

    sent = json.loads(sys.argv[1])
    answer = Client().post(
        sent["path"],
        json.dumps(sent["body"]),
        content_type="application/json",
        headers=sent["headers"],
    )
    print(answer.status_code, answer.content.decode())


if __name__ == "__main__":
    main()
