"""A made-up payments company to look around in: its present (world.py) and the half year before (past.py)."""
