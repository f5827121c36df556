"""Keeps contacts and conversations in agreement between messaging channels and a CRM."""

__version__ = "0.1.0"
