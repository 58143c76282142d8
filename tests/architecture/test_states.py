"""Every state machine, over all pairs of states."""

import pytest
from django.apps import apps

from kernel.errors import InvalidTransition
from kernel.states import StatefulModel

MACHINES = [model for model in apps.get_models() if issubclass(model, StatefulModel)]


def test_the_machines_are_found() -> None:
    names = {model.__name__ for model in MACHINES}
    assert {"Journey", "Order", "PaymentIntent", "Product", "Shipment"} <= names


@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model._meta.label)
def test_all_pairs(model: type[StatefulModel]) -> None:
    table = model.TRANSITIONS
    allowed = 0
    for state, to, may in table.all_pairs():
        if may:
            table.check(state, to)
            allowed += 1
        else:
            with pytest.raises(InvalidTransition):
                table.check(state, to)
    assert allowed > 0
