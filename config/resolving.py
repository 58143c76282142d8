"""Finding a route: of some 250, without trying one pattern after the other."""

from typing import Any

from django.urls import ResolverMatch, URLResolver


class Remembering(URLResolver):
    """Remembers where addresses without parameters led; there are as many as such routes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plain: dict[str, ResolverMatch] = {}

    def resolve(self, path: str) -> ResolverMatch:
        """See Django's. Raises Resolver404."""
        found = self._plain.get(path)
        if found is None:
            found = super().resolve(path)
            if found is not None and not found.args and not found.kwargs:
                self._plain[path] = found
        return found
