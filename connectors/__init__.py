"""The connectors that ship with SyncBridge, one package per kind of system."""
