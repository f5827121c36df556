"""An imitated HubSpot account: strict, stateful, and believed by HubSpot's own client."""

from connectors.hubspot.sandbox.app import HubSpotSandbox, create
from connectors.hubspot.sandbox.limits import Limits

__all__ = ["HubSpotSandbox", "Limits", "create"]
