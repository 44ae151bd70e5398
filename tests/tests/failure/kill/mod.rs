//! Runs killed at any moment: the next one ends where an undisturbed run ends.
