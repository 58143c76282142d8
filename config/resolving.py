"""Finding a route: of some 600, without trying one pattern after the other, and its name."""

from functools import cached_property
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

Kind = tuple[str, int]
WITHIN_A_PART = {IntConverter, SlugConverter, StringConverter, UUIDConverter}


class Apart(URLResolver):
    """A namespace whose names are gathered when one of them is looked up, not with everybody's, and
    once for all languages, since no address is translated."""

    def _populate(self) -> None:
        """Asked by who includes it."""

    @property
    def reverse_dict(self) -> Any:
        return self._names[0]

    @property
    def namespace_dict(self) -> Any:
        return self._names[1]

    @property
    def app_dict(self) -> Any:
        return self._names[2]

    @cached_property
    def _names(self) -> tuple[Any, Any, Any]:
        plain: Any = URLResolver(self.pattern, self.url_patterns, self.default_kwargs)
        return plain.reverse_dict, plain.namespace_dict, plain.app_dict


class Remembering(Apart):
    """Remembers where addresses without parameters led; there are as many as such routes. For any
    other only the patterns of its kind are tried: with its first part, and as many parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plain: dict[str, ResolverMatch] = {}

    def make_tables(self) -> None:
        """Make what the first address to be resolved would."""
        self._tables  # noqa: B018

    def resolve(self, path: str) -> ResolverMatch:
        """See Django's. Raises Resolver404."""
        found = self._plain.get(path)
        if found is None:
            prefix = str(self.pattern)
            kinds, wide = self._tables
            found = kinds.get(_kind(path[len(prefix) :]), wide).resolve(path)
            if found is not None and not found.args and not found.kwargs:
                self._plain[path] = found
        return found

    @cached_property
    def _tables(self) -> tuple[dict[Kind, URLResolver], URLResolver]:
        """Of each kind its patterns and those that may be of any, in their order; these alone."""
        kinds: dict[Kind, list[Any]] = {}
        wide: list[Any] = []
        for pattern in self.url_patterns:
            if _any(pattern):
                for found in (*kinds.values(), wide):
                    found.append(pattern)
            else:
                kinds.setdefault(_kind(str(pattern.pattern)), list(wide)).append(pattern)
        return {kind: self._of(found) for kind, found in kinds.items()}, self._of(wide)

    def _of(self, patterns: list[Any]) -> URLResolver:
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
