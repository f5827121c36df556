"""Which field is which: declarations read from files, and the pure translation by them."""
