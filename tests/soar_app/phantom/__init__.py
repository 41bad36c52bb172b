"""A stand-in for the closed package that Splunk SOAR runs apps with.

Only what is public knowledge of it, as strict as may be where that leaves questions open. SOAR
itself is `kafka-soar soar-double`, at PHANTOM_BASE_URL; states are below PHANTOM_HOME.
"""
