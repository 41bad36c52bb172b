"""The parser {{name}}: a container for each message, named by its first line."""

from kafka_soar import Batch, Message, Output, parser


def greet(message: Message, out: Output) -> None:
    text = message.text()
    container = out.container(text.split("\n", 1)[0][:100])
    container.artifact(message, cef={"message": text})


@parser
def parse(batch: Batch, out: Output) -> None:
    batch.each(out, greet)
