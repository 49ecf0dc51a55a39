"""How every test runs: hypothesis without deadlines, since the machine is shared and its speed proves nothing."""

from hypothesis import HealthCheck, settings

settings.register_profile("irvis", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("irvis")
