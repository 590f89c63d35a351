"""One import inside one Job: read, detect, parse, write, tell."""
