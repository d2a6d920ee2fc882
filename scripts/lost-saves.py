#!/usr/bin/env python3
"""Saves that are handed to an executor and never awaited, as in the book's chapter on asyncio.

    scripts/lost-saves.py [SECONDS]

Starts 60 saves that take so long each (0.05 s unless told otherwise), awaits none, and closes
the loop. docs/LESSONS.md, lesson 6, has what different versions of Python make of it.
"""

import atexit
import sys

FLAGS = 60
saved = []


def at_the_end():
    print("{} saved in the end, {} errors: Event loop is closed".format(
        len(saved), Counter.count))


# What is registered first runs last. Before Python 3.9 the executor registers here too, when
# it is imported, to wait for its threads.
atexit.register(at_the_end)

import asyncio  # noqa: E402
import logging  # noqa: E402
import time  # noqa: E402


class Counter(logging.Handler):
    """Counts what asyncio and the executor complain of, in place of printing it 60 times."""

    count = 0

    def emit(self, record):
        Counter.count += 1


def save(seconds):
    time.sleep(seconds)
    saved.append(True)


async def download_one(loop, seconds):
    loop.run_in_executor(None, save, seconds)
    return "ok"


async def download_all(loop, seconds):
    return [await download_one(loop, seconds) for _ in range(FLAGS)]


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.05
    logging.getLogger().addHandler(Counter())
    loop = asyncio.new_event_loop()
    statuses = loop.run_until_complete(download_all(loop, seconds))
    print("{}: {} ok, {} saved at that moment".format(
        sys.version.split()[0], statuses.count("ok"), len(saved)), flush=True)
    loop.close()


if __name__ == "__main__":
    main()
