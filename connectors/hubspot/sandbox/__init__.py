"""An imitated HubSpot account: strict, stateful, and believed by HubSpot's own client."""

from connectors.hubspot.sandbox.account import AccountOptions
from connectors.hubspot.sandbox.app import HubSpotSandbox, create
from connectors.hubspot.sandbox.limits import Limits

__all__ = ["AccountOptions", "HubSpotSandbox", "Limits", "create"]
