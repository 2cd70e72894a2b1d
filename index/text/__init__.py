"""Plain text: tokens and stems, sentences, slices and windows, spelling, subjects. No files, no search."""
