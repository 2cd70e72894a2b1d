"""Training and calibration of an axis's semantic reader. What reads with the result is in ``scoring``."""
