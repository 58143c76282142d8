"""Who may call a route."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from kernel.actors import Actor
from kernel.errors import Forbidden, NotPermitted, Unauthenticated

Authenticator = Callable[[HttpRequest], Actor]
_authenticator: list[Authenticator] = []


def register_authenticator(function: Authenticator) -> None:
    """Name the function that turns a request into an actor; the platforms context does."""
    _authenticator[:] = [function]


class Guard(HttpBearer):
    """Lets the audience in that a route names, with the scope it names; of a staff, whose role
    includes one of the permissions it names."""

    def __init__(
        self, audience: frozenset[str], scope: str, permissions: Mapping[str, tuple[str, ...]]
    ) -> None:
        super().__init__()
        self.audience = audience
        self.scope = scope
        self.permissions = permissions

    def __call__(self, request: HttpRequest) -> Actor:
        actor = _authenticator[0](request)
        request.actor = actor  # type: ignore[attr-defined]
        if actor.kind not in self.audience:
            if actor.kind == "guest":
                raise Unauthenticated
            raise Forbidden(
                _("This is for %(who)s; you act as %(you)s.")
                % {"who": ", ".join(sorted(self.audience)), "you": actor.kind},
                audience=sorted(self.audience),
            )
        if self.scope and actor.kind != "guest" and not actor.may(self.scope):
            told = _("The scope %(scope)s is missing.") % {"scope": self.scope}
            raise Forbidden(told, scope=self.scope)
        needed = self.permissions.get(actor.kind)
        if needed and not actor.holds(*needed):
            raise NotPermitted(permission=needed[0])
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        raise NotImplementedError  # __call__ does it all
