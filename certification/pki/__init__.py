"""Certificates, CRLs, OCSP responses and timestamps as bytes (X.509, RFC 5280, 6960, 3161).

Pure building and reading: keys come as a ``Signer``, times are handed in, nothing is stored.
"""
