import unittest

from runner.lines import DEBUG, ERROR, INFO, MAX_BATCH_BYTES, MAX_LINE_BYTES, WARN

from .interpreter import Running, failed, returning


def written(body: str, setup: str = "") -> list[tuple[int, str]]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    script = Running(f"{setup}\ndef parse_messages(topic, messages):\n{lines}\n    return []\n")
    script.parse("x")
    return script.log


class Printing(unittest.TestCase):
    def test_gives_lines(self):
        self.assertEqual(
            written("print('a', end='')\nprint('b\\nc')\nprint()\nprint('é', 1, sep='-')"),
            [(INFO, "ab"), (INFO, "c"), (INFO, ""), (INFO, "é-1")],
        )

    def test_a_line_without_end_comes_with_the_batchs(self):
        self.assertEqual(written("print('a', end='')"), [(INFO, "a")])

    def test_to_standard_error_warns(self):
        self.assertEqual(
            written("print('a', file=sys.stderr)\nwarnings.warn('old')", "import sys, warnings")[0], (WARN, "a")
        )
        self.assertTrue(any("UserWarning: old" in line for _, line in written("warnings.warn('old')", "import warnings")))

    def test_what_is_no_text_is_escaped(self):
        self.assertEqual(
            written("print('\\udc80')\nsys.stdout.buffer.write(b'\\xff\\r\\n')", "import sys"),
            [(INFO, "\\udc80"), (INFO, "\\xff")],
        )

    def test_comes_from_failures_too(self):
        script = returning("print('before')\nraise ValueError")
        script.why("x")
        self.assertEqual(script.log, [(INFO, "before")])
        script = Running("print('loading')\n1/0\n")
        with self.assertRaises(Exception):
            script.parse("x")
        self.assertEqual(script.log, [(INFO, "loading")])

    def test_is_bounded(self):
        log = written("for n in range(1000): print(n, 'x' * 100)")
        self.assertLessEqual(sum(len(line) for _, line in log[:-1]), MAX_BATCH_BYTES)
        self.assertEqual(log[0], (INFO, "0 " + "x" * 100))
        level, last = log[-1]
        self.assertEqual(level, WARN)
        self.assertEqual(last, f"my.py printed and logged more than 32 KiB in one batch: {1000 - len(log) + 1} lines were left out")
        ((_, line),) = written("print('x' * 1_000_000)")
        self.assertEqual(len(line), MAX_LINE_BYTES)

    def test_has_its_bound_again_in_each_batch(self):
        script = returning("print('x' * 4000)\nreturn []")
        for _ in range(20):
            script.parse("x")
        self.assertEqual(len(script.log), 20)


class Logging(unittest.TestCase):
    def test_is_as_ever_without_configuration(self):
        self.assertEqual(
            written("logging.getLogger('a').info('no')\nlogging.getLogger('a').warning('%s', 'b')\nlogging.getLogger('a').error('c')", "import logging"),
            [(WARN, "b"), (ERROR, "c")],
        )

    def test_keeps_levels_and_the_scripts_format(self):
        self.assertEqual(
            written(
                "for level in (10, 20, 30, 40, 50): log.log(level, 'at %d', level)",
                "import logging\nlogging.basicConfig(level=logging.DEBUG, format='[%(name)s] %(message)s')\n"
                "log = logging.getLogger('mine')",
            ),
            [(DEBUG, "[mine] at 10"), (INFO, "[mine] at 20"), (WARN, "[mine] at 30"), (ERROR, "[mine] at 40"), (ERROR, "[mine] at 50")],
        )

    def test_handlers_on_streams_of_the_script(self):
        self.assertEqual(
            written(
                "log.info('a')",
                "import logging, sys\nlog = logging.getLogger('own')\nlog.propagate = False\nlog.setLevel(10)\n"
                "log.addHandler(logging.StreamHandler(sys.stdout))",
            ),
            [(INFO, "a")],
        )
        self.assertEqual(
            written(
                "log.info('a')\nprint(text.getvalue())",
                "import io, logging\ntext = io.StringIO()\nlog = logging.getLogger('own2')\nlog.propagate = False\n"
                "log.setLevel(10)\nlog.addHandler(logging.StreamHandler(text))",
            ),
            [(INFO, "a"), (INFO, "")],
        )

    def test_of_exceptions_gives_a_line_each(self):
        log = written("try:\n    1/0\nexcept Exception:\n    logging.exception('oops')", "import logging")
        self.assertEqual({level for level, _ in log}, {ERROR})
        self.assertIn('  File "my.py", line 4, in parse_messages', [line for _, line in log])


class Reading(unittest.TestCase):
    def test_finds_nothing(self):
        self.assertIn("EOFError", failed("input()"))
        self.assertEqual(written("print(repr(sys.stdin.read()))", "import sys"), [(INFO, "''")])


if __name__ == "__main__":
    unittest.main()
