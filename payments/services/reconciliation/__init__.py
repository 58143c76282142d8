"""Reconciliation (对账): fetch or take in statements, compare a day, resolve exceptions."""
