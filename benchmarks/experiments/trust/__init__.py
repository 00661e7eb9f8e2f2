"""Can an explanation be trusted? See `__main__`."""
