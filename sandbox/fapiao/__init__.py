"""The licensed issuer of e-fapiao (数电发票), simulated."""
