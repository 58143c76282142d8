"""Payments by a code to scan: what Alipay and WeChat Pay have in common."""
