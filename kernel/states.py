"""State machines as data: one table of moves an aggregate, one mutator, checked when defined."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from django.apps import apps
from django.db import models
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _

from kernel.errors import InvalidTransition
from kernel.models import AggregateModel

S = TypeVar("S", bound=models.TextChoices)


class BadTransitions(TypeError):
    """A table of moves that can't be right; raised when the class is defined."""


class Transitions(Generic[S]):
    """Which states follow which.

    ``Transitions(State, initial=State.DRAFT, moves={State.DRAFT: {State.PUBLISHED}})``. A state
    without moves is final. Every state must be reachable from ``initial`` (one or several), and
    unless ``endless`` a final state must be reachable from every one.
    """

    def __init__(
        self,
        states: type[S],
        *,
        initial: S | Iterable[S],
        moves: Mapping[S, Iterable[S]],
        endless: bool = False,
    ) -> None:
        self.states = states
        self.initial: frozenset[S] = frozenset(
            [initial] if isinstance(initial, states) else initial  # type: ignore[arg-type]
        )
        self.moves: dict[S, frozenset[S]] = {
            state: frozenset(moves.get(state, ())) for state in states
        }
        unknown = set(moves) - set(states)
        if unknown:
            raise BadTransitions(f"{states.__qualname__}: {_names(unknown)} are no states of it.")
        self._check(endless)

    @property
    def final(self) -> frozenset[S]:
        """The states that nothing follows."""
        return frozenset(state for state, following in self.moves.items() if not following)

    def allows(self, state: str, to: str) -> bool:
        """Whether ``to`` may follow ``state``."""
        return self.states(to) in self.moves[self.states(state)]

    def check(self, state: str, to: str) -> None:
        """Raise InvalidTransition unless ``to`` may follow ``state``."""
        if not self.allows(state, to):
            raise InvalidTransition(
                _told(self.states(state), self.states(to)),
                state=str(state),
                allowed=sorted(str(following) for following in self.moves[self.states(state)]),
            )

    def all_pairs(self) -> Iterator[tuple[S, S, bool]]:
        """Every pair of states with whether the move is allowed; for tests over all pairs."""
        for state in self.states:
            for to in self.states:
                yield state, to, to in self.moves[state]

    def _check(self, endless: bool) -> None:
        name = self.states.__qualname__
        for state, following in self.moves.items():
            if state in following:
                raise BadTransitions(f"{name}: {state} follows itself; leave that move out.")
        reached = _closure(self.initial, self.moves)
        lost = set(self.states) - reached
        if lost:
            raise BadTransitions(f"{name}: {_names(lost)} can't be reached.")
        if endless:
            return
        stuck = [s for s in self.states if not _closure({s}, self.moves) & self.final]
        if stuck:
            raise BadTransitions(f"{name}: {_names(stuck)} never end; say endless=True if meant.")


class StatefulModel(AggregateModel):
    """An aggregate with a ``state`` field that only ``move`` changes.

    Subclasses set ``TRANSITIONS`` and a ``state`` field of its states.
    """

    TRANSITIONS: ClassVar[Transitions[Any]]
    state: Any

    class Meta(AggregateModel.Meta):
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = cls.__dict__.get("TRANSITIONS")
        if declared is not None and not isinstance(declared, Transitions):
            raise BadTransitions(f"{cls.__name__}.TRANSITIONS is not a Transitions.")

    def move(self, to: str, *, action: str, reason: str = "") -> None:
        """Check, set, and write the audit row in the caller's transaction.

        The caller holds the row's lock, saves the row and appends the event. ``action`` names
        what happened (``catalog.product.published``). ``reason`` is kept sealed: it is often words
        of somebody's.
        """
        self.move_all([self], to, action=action, reason=reason)

    @staticmethod
    def move_all(
        rows: "Iterable[StatefulModel]", to: str, *, action: str, reason: str = ""
    ) -> None:
        """``move`` for many rows, with one statement for their audit rows."""
        from kernel import audit, sealed_text

        changes = []
        for row in rows:
            before = str(row.state)
            row.TRANSITIONS.check(before, to)
            row.state = row.TRANSITIONS.states(to)
            after: dict[str, Any] = {"state": str(row.state)}
            if reason:
                after["reason"] = sealed_text.sealed(sealed_text.subject_of(row), reason)
            changes.append(audit.Change(action, row, {"state": before}, after))
        audit.record_many(changes)


def label_of(kind: str, state: str) -> str | Promise | None:
    """What the machine of a kind of object (``payments.refund``) calls a state of its; None where
    there is no such machine or state."""
    found: Any = apps.all_models[kind.partition(".")[0]].get(kind.rpartition(".")[2])
    table = getattr(found, "TRANSITIONS", None)
    return {one.value: one.label for one in table.states}.get(state) if table else None


def _refusal(state: models.TextChoices, to: models.TextChoices) -> str:
    words = [
        one.label if isinstance(one.label, Promise) else str(one)  # a label of Django's is no word
        for one in (state, to)
    ]
    return _("%(state)s can't become %(to)s.") % {"state": words[0], "to": words[1]}


# Put into words when it is read: what a journey notes of it stays English.
_told = lazy(_refusal, str)


def _closure(start: Iterable[S], moves: Mapping[S, frozenset[S]]) -> set[S]:
    seen, ahead = set(start), list(start)
    while ahead:
        for following in moves[ahead.pop()] - seen:
            seen.add(following)
            ahead.append(following)
    return seen


def _names(states: Iterable[str]) -> str:
    return ", ".join(sorted(str(state) for state in states))
