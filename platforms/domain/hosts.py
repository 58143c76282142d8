"""Which hosts can have passkeys: those with a name (WebAuthn, "effective domain")."""

import ipaddress


def has_name(host: str) -> bool:
    """Whether ``host`` is a name and not an address in numbers."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(host)
    return False
