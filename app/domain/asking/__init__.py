"""Questions about a case in plain words, answered from its facts and from passages of its documents only."""
