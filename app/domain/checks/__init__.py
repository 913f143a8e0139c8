"""The engine that holds sentences against the facts and findings of one case, whatever they are called."""
