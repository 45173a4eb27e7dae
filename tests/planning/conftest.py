"""Property tests answer the same on a busy machine as on an idle one."""

from hypothesis import settings

settings.register_profile("planning", deadline=None)
settings.load_profile("planning")
