"""Invoices of sales (发票): asked for, issued, taken back, printed, exported."""
