"""What holds for every test."""

import signal

from hypothesis import HealthCheck, settings

# A run that was started in the background ignores SIGINT, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Hypothesis goes by the clock on the wall, and several tests share a processor.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
