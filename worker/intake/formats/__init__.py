"""The formats that articles come in: one module a format, which has a `INPUT_FORMAT`; `registry.py` finds them."""
