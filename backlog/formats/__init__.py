"""Files and what they say, as plain values: knows no row of ours and writes nothing."""
