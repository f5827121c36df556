"""What an operator decides: `syncbridge.toml` and `SYNCBRIDGE_…` variables, read and checked.

A key is set by the variable that spells its path with double underscores:
`SYNCBRIDGE_CONNECTIONS__HS__ACCESS_TOKEN` outranks `access_token` under `[connections.hs]`.
Any value may be `env:NAME` or `file:PATH` (relative to the settings file).
"""

from syncbridge.settings.options import DeclaredOption, revealed, validate_options
from syncbridge.settings.reading import load_settings
from syncbridge.settings.schema import KeyHelp, settings_keys
from syncbridge.settings.values import (
    ConnectionSettings,
    ConversationEntries,
    Mode,
    Options,
    RetrySettings,
    Secret,
    ServiceSettings,
    Settings,
)

__all__ = [
    "ConnectionSettings",
    "ConversationEntries",
    "DeclaredOption",
    "KeyHelp",
    "Mode",
    "Options",
    "RetrySettings",
    "Secret",
    "ServiceSettings",
    "Settings",
    "load_settings",
    "revealed",
    "settings_keys",
    "validate_options",
]
