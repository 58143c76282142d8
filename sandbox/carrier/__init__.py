"""The carrier: waybills, labels and tracking."""
