"""The mapping files that SyncBridge brings along; files of your own go before them."""
