"""The card gateway: a simulation of a payment provider that speaks Stripe's protocol."""
