"""Alipay's open platform (RSA2): one address, a method a parameter."""
