"""The platform's own certificate authority: its chains, its lists, its responders.

Every platform has its own roots (docs/decisions/0008): what one platform issued says nothing on
another, and a test platform's clock moves its authority with it.
"""
