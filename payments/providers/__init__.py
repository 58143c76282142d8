"""Payout providers (出款通道): banks that carry a merchant's money out."""
