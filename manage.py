#!/usr/bin/env python
"""Django's commands at the addresses of the desk that ./mtquant up started."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from deploy.desk import envfile


def main() -> None:
    var = os.environ.get("MTQ_VAR") or Path(__file__).resolve().parent / "var"
    envfile.fill(os.environ, Path(var) / "desk.env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
