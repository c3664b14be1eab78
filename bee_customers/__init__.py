"""The customer-profile service of BeeConnect."""

__version__ = "0.1.0"
