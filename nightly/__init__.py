"""What is worked out for each product while nobody is there."""
