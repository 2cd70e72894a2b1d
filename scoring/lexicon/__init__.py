"""The lexical reader: phrases with weights, clauses, negation and other scopes."""
