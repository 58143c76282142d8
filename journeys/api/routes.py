"""The context's route table."""

from kernel.api import Routes

routes = Routes("journeys", tag="Checkout and journeys")
