"""Every sentence that a person reads, in English and German.

Belongs here: the TOML files, how a sentence is found and filled, and the language of one reader. Rendering and
Discord's markup do not.
"""
