"""Photos → batches for training; and where photos come from."""
