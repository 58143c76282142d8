"""Links that lead to the platform's own pages and nowhere else."""

from django.urls import Resolver404, resolve

LONGEST = 300
_CLOSED = ("/api/", "/admin", "/static/", "/media/", "/i18n/")


def own_path(text: str) -> str | None:
    """The path of one of the platform's own pages, with query and fragment; None for anything
    else: other sites, schemes, what isn't there."""
    path = text.strip()
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return None
    if "\\" in path or any(ord(sign) <= 32 for sign in path) or path.startswith(_CLOSED):
        return None
    try:
        resolve(path.partition("#")[0].partition("?")[0])
    except Resolver404:
        return None
    return path
