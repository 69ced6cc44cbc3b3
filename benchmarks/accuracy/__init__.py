"""How right, and how honest, the matching is: labelled queries answered by the engine and by its peers."""
