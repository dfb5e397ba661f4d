"""What the program looks like. `pytest --snapshot-update` draws the pictures again; look at them then."""
