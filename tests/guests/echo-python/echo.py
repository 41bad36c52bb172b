"""Echo in Python: see tests/cases/contract/README.md."""

from __future__ import annotations

from base64 import b64encode

from kafka_soar import Batch, Message, Output, Refuse, log, parser, poll, settings


def encoded(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()


@parser
def parse(batch: Batch, out: Output) -> None:
    note = settings.get().get("note", "")
    started = poll.started()

    def echo(message: Message, out: Output) -> None:
        text = message.text()
        if text == "!refuse":
            raise Refuse("refused as asked")
        if text == "!trap":
            # Not an Exception, which would reject the message alone.
            raise SystemExit(3)
        if text.startswith("!log "):
            log.info(text.removeprefix("!log "))
        container = out.container(
            f"{message.topic}/{message.partition}/{message.offset}",
            description=note,
            start_time=message.timestamp,
        )
        container.artifact(
            message,
            name="echo",
            cef={
                "key": encoded(message.key),
                "message": text,
                "headers": [[header.name, encoded(header.value)] for header in message.headers],
                "poll": started.unix_ms,
                "offset_minutes": started.utc_offset_minutes,
            },
        )

    batch.each(out, echo)
