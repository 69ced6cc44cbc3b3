"""How fast the engine is, how many candidates it weighs, how much memory it takes, and how that grows with N."""
