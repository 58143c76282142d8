"""Finding a route: of some 600, without trying one pattern after the other."""

from functools import cached_property
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

Kind = tuple[str, int]
WITHIN_A_PART = {IntConverter, SlugConverter, StringConverter, UUIDConverter}


class Remembering(URLResolver):
    """Remembers where addresses without parameters led; there are as many as such routes. For any
    other only the patterns of its kind are tried: with its first part, and as many parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plain: dict[str, ResolverMatch] = {}

    def resolve(self, path: str) -> ResolverMatch:
        """See Django's. Raises Resolver404."""
        found = self._plain.get(path)
        if found is None:
            prefix = str(self.pattern)
            narrow = self._by_kind.get(_kind(path[len(prefix) :]), self._wide)
            found = narrow.resolve(path)
            if found is not None and not found.args and not found.kwargs:
                self._plain[path] = found
        return found

    @cached_property
    def _by_kind(self) -> dict[Kind, URLResolver]:
        kinds = {_kind(str(pattern.pattern)) for pattern in self.url_patterns if not _any(pattern)}
        return {kind: self._of(kind) for kind in kinds}

    @cached_property
    def _wide(self) -> URLResolver:
        return self._of(None)

    def _of(self, kind: Kind | None) -> URLResolver:
        """The patterns of a kind and those that may be of any, in their order."""
        patterns = [p for p in self.url_patterns if _any(p) or _kind(str(p.pattern)) == kind]
        return URLResolver(self.pattern, patterns, app_name=self.app_name, namespace=self.namespace)


def _kind(path: str) -> Kind:
    parts = path.split("/")
    return parts[0], len(parts)


def _any(pattern: URLPattern | URLResolver) -> bool:
    """Whether what it matches may begin with anything or have any number of parts."""
    converters = getattr(pattern.pattern, "converters", {}).values()
    return (
        isinstance(pattern, URLResolver)
        or "<" in str(pattern.pattern).partition("/")[0]
        or any(type(found) not in WITHIN_A_PART for found in converters)
    )
