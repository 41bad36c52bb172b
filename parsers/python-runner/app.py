"""The Python runner's component: its world's export over the package `runner`.

What this module imports, with the whole standard library, is imported once, at build time: the
component is a snapshot of an interpreter that has done so.
"""

from componentize_py_types import Err
from wit_world.exports.run import Failure_Broken, Failure_Failed, Messages
from wit_world.imports import log, script

from runner import snapshot
from runner.failures import Broken, Failed
from runner.lines import Log
from runner.session import Session

LEVELS = (log.Level.DEBUG, log.Level.INFO, log.Level.WARN, log.Level.ERROR)


def source() -> tuple[str, str]:
    given = script.get()
    return given.name, given.text


SESSION = Session(source, Log(lambda level, line: log.write(LEVELS[level], line)))


class Run:
    def parse_messages(self, messages: Messages) -> str:
        try:
            return SESSION.parse(
                messages.topic,
                messages.text,
                messages.ends,
                messages.offsets,
                messages.partitions,
            )
        except Broken as broken:
            raise Err(Failure_Broken(str(broken))) from None
        except Failed as failed:
            raise Err(Failure_Failed(str(failed))) from None


snapshot.prepare()
