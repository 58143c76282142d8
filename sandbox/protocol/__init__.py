"""What the published specification says of the gateway's operations, as a compact table."""
