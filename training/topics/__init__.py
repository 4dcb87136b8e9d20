"""How topics in English articles are fitted, calibrated and reported: `python -m training.topics`."""
