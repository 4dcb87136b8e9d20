"""The formats that articles come in: one module a format, with an `INPUT_FORMAT` that `registry.py` finds."""
