"""`DJANGO_SETTINGS_MODULE=answerable.config.settings python -m answerable.ui.tests.pictures <folder> [page …]` writes a
picture of each page of the gallery, wide and narrow, light and dark.
"""

import importlib
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()  # before the gallery: what it shows is made of values of rooms with models
    importlib.import_module("answerable.ui.tests.gallery").main(Path(sys.argv[1]), sys.argv[2:])
