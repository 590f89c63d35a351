"""What the parsers of all formats are made of. ``base`` says what a format and its parser promise."""
