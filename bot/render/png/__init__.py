"""Pictures that say where a conversation stands: values in, PNG bytes out. Nothing is read, kept or sent."""
