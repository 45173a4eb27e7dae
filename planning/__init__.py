"""The decision core: plain Python that takes and returns values, usable on its own."""
