"""The bank: transfers for payouts, with a statement."""
