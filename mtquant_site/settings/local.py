"""The desk that ./mtquant starts on one machine."""

from mtquant_site.settings.base import *  # noqa: F403
