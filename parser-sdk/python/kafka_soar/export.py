"""A parser as the export of a component."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from . import log, stdio
from .batch import Batch, Column
from .errors import SDK, Refuse, Reject
from .host import WIT
from .output import Output, Written
from .preload import preload

Parse = Callable[[Batch, Output], None]


def parser(function: Parse) -> Parse:
    """Makes the function the parser of the component that its module becomes: it turns the
    messages of a batch into containers and artifacts.

    An exception that leaves it fails the whole batch like a crash: the host looks for the message
    at fault by cutting the batch in halves. `Refuse` and `Reject` say that no message of the batch
    can be handled. To reject a single message, use `Batch.each`.
    """
    module = sys.modules[function.__module__]
    if hasattr(module, "MessageParser"):
        raise TypeError(f"{function.__module__} has two parsers: a component exports one, remove a @parser")
    setattr(module, "MessageParser", component(lambda batch: run(function, batch)))
    return function


def run(function: Parse, batch: Batch) -> Written:
    """Runs a parser over a batch. Raises `Refuse`, or what the parser raises."""
    out = Output()
    try:
        function(batch, out)
    except Reject as error:
        raise Refuse(error.reason) from error
    return out.finish()


def component(parse: Callable[[Batch], Written]) -> type:
    """The class that componentize-py looks for under the name MessageParser."""
    if WIT is None:
        return type("MessageParser", (), {})
    wit = WIT
    preload()

    class MessageParser(wit.exports.MessageParser):  # type: ignore[misc, name-defined, unused-ignore]
        def parse_messages(self, batch: Any) -> Any:
            stdio.install()
            try:
                written = parse(_batch(batch))
            except Refuse as error:
                stdio.flush()
                raise wit.Err(error.reason.encode(errors="backslashreplace").decode()) from None
            except BaseException as error:
                stdio.flush()
                # Without it nobody learns more than that the parser crashed.
                for line in crash(error):
                    log.error(line)
                # The runtime says it again, with this SDK's frames.
                stdio.silence()
                raise
            stdio.flush()
            rejection = wit.types.Rejection
            return wit.types.Parsed(
                written.ingests,
                written.sources,
                [
                    rejection(index, reason.encode(errors="backslashreplace").decode())
                    for index, reason in written.rejections
                ],
            )

    return MessageParser


def crash(error: BaseException) -> list[str]:
    """The lines of a traceback, this SDK's frames aside."""
    told = traceback.TracebackException.from_exception(error, limit=-12)
    told.stack = traceback.StackSummary.from_list([one for one in told.stack if not one.filename.startswith(SDK)])
    return "".join(told.format(chain=False)).splitlines()


def _batch(batch: Any) -> Batch:
    return Batch(
        batch.topic,
        batch.partitions,
        batch.offsets,
        batch.timestamps,
        _column(batch.keys),
        _column(batch.values),
        batch.header_ends,
        _column(batch.header_names),
        _column(batch.header_values),
    )


def _column(column: Any) -> Column:
    return Column(column.bytes, column.ends, column.nulls)
