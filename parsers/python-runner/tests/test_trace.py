import sys
import unittest

from runner.trace import MAX_BYTES, MAX_FRAMES

from .interpreter import Running, failed, returning


class Traces(unittest.TestCase):
    def test_show_the_scripts_lines_and_none_of_the_runners(self):
        script = Running(
            "import json\n\ndef one(text):\n    return json.loads(text)\n\n"
            "def parse_messages(topic, messages):\n    return [one(m['message']) for m in messages]\n"
        )
        why = script.why("{")
        head, *lines = why.splitlines()
        self.assertTrue(head.startswith("Got an exception in call to my.py: Expecting property name"), head)
        self.assertIn('  File "my.py", line 4, in one', lines)
        self.assertIn("    return json.loads(text)", lines)
        self.assertIn("JSONDecodeError", lines[-1])
        self.assertNotIn("session.py", why)
        self.assertNotIn("runner", why)

    def test_keep_causes_and_notes(self):
        why = failed(
            "try:\n    try:\n        {}['a']\n    except KeyError as e:\n        raise ValueError('no a') from e\n"
            "except ValueError as e:\n    getattr(e, 'add_note', lambda note: None)('see the wiki')\n    raise"
        )
        self.assertIn("KeyError: 'a'\n\nThe above exception was the direct cause", why)
        if sys.version_info >= (3, 11):
            self.assertTrue(why.endswith("ValueError: no a\nsee the wiki"), why)

    def test_are_bounded_in_frames(self):
        for recursion in (
            "def f(n): return f(n + 1)\nf(0)",
            "def f(n): return g(n + 1)\ndef g(n): return f(n)\nf(0)",
        ):
            with self.subTest(recursion):
                why = failed(recursion)
                self.assertIn("RecursionError: maximum recursion depth exceeded", why)
                self.assertLessEqual(why.count('  File "my.py"'), MAX_FRAMES)
        self.assertIn("frames left out", why)

    def test_are_bounded_in_bytes(self):
        for raised in ("ValueError('é' * 1_000_000)", "ValueError('a\\n' * 100_000)"):
            with self.subTest(raised):
                why = failed(f"raise {raised}")
                self.assertLessEqual(len(why.encode()), MAX_BYTES)
                self.assertIn(", in parse_messages\n", why)
        self.assertIn("... left out ...", why)

    def test_of_what_ends_an_interpreter(self):
        for raised in ("SystemExit(3)", "KeyboardInterrupt()", "GeneratorExit()", "MemoryError()", "BaseException('x')"):
            with self.subTest(raised):
                self.assertIn(raised.partition("(")[0], failed(f"raise {raised}").splitlines()[-1])

    def test_of_exceptions_that_cannot_be_told(self):
        why = failed("class E(Exception):\n    def __str__(self): raise ValueError\nraise E")
        self.assertTrue(why.startswith("Got an exception in call to my.py: E\n"), why)
        self.assertTrue(failed("assert False").startswith("Got an exception in call to my.py: AssertionError\n"))
        self.assertIn("\\udc80", failed("raise ValueError('\\udc80')"))

    def test_a_batch_that_failed_is_no_obstacle_to_the_next(self):
        script = returning("return [{'container': {'n': 1 // int(messages[0]['message'])}, 'artifacts': []}]")
        self.assertIn("ZeroDivisionError", script.why("0"))
        self.assertEqual(script.parse("1"), '[{"container":{"n":1},"artifacts":[]}]')


if __name__ == "__main__":
    unittest.main()
