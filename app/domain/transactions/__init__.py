"""What the lines of bank statements are: whose, with whom, for what, how regular."""
