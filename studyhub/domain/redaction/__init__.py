"""Find what may identify a person in a text, and apply what people decided about it.

Suggestions only: nothing here masks by itself. No key, no table, no model: who calls hands in
the text, what is known of this participant, and a function that recognises everybody else's
names (deidentification.md 4). ``engine`` suggests, ``applying`` writes, ``gate`` looks again.
"""
