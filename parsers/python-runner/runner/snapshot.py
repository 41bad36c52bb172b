"""From the interpreter that the component is built from to the one that a script meets."""

import gc
import os
import random
import sys

from . import library, loop, zones

# Objects that may come to life before the youngest are looked through for unreachable ones. A
# batch's messages and results are as many, and nearly always reachable.
_GC_THRESHOLD = 100_000


def prepare() -> None:
    """At build time, last of all."""
    library.import_all()
    zones.preload()
    loop.install()
    # The builder's, which would be every script's.
    os.environ.clear()
    # Folders that are gone when the component runs, and what was seen in them.
    sys.path.clear()
    sys.path_importer_cache.clear()
    gc.collect()
    # Not looked at again by the garbage collector: each look copies memory that instances share.
    gc.freeze()


def wake() -> None:
    """In an instance, before its script is loaded."""
    # The snapshot's numbers would be the same for every instance there ever is.
    random.seed()
    # WASI has given the interpreter none.
    sys.argv = [""]
    gc.set_threshold(_GC_THRESHOLD)


def settle() -> None:
    """Once its script is loaded."""
    gc.freeze()
