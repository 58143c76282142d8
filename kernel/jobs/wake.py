"""What a wake-up message from a broker calls."""

from kernel.worker import drain


def run_once() -> int:
    """Do everything that is due, once; how much it was."""
    return drain()
