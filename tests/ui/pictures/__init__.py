"""What the program looks like, held against pictures. `pytest --snapshot-update` draws them again; look at them then."""
