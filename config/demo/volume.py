"""A shop whose parcels are charged by volume where that counts as more than their weight."""

from uuid import UUID

from logistics import facade as logistics

DIVISOR = 6000  # cm³ per kg, as parcel carriers have it


def charge_volume(merchant_id: UUID) -> None:
    """The platform's tariffs with a divisor: only goods with a size cost more. Once; what the
    merchant has set is left alone."""
    if not logistics.rates(merchant_id=merchant_id):
        rules = [{**rule, "volume_divisor": DIVISOR} for rule in logistics.standard_rates()]
        logistics.set_rates(merchant_id=merchant_id, rules=rules)
