import unittest

from runner.absent import remedy

from .interpreter import Running, broken, failed

GOOD = "def parse_messages(topic, messages):\n    return []\n"


def accepted(text: str) -> bool:
    return Running(text).parse("x") == "[]"


class Arguments(unittest.TestCase):
    def test_other_counts_are_told_in_the_originals_words(self):
        for parameters, count in (
            ("", 0),
            ("topic", 1),
            ("a, b, c", 3),
            ("a, b, c=1", 3),
            ("*all", 0),
            ("a, *rest", 1),
        ):
            with self.subTest(parameters):
                self.assertTrue(
                    broken(f"def parse_messages({parameters}): return []\n").startswith(
                        f"my.py: parse_messages() should take exactly 2 arguments, takes {count} instead"
                    )
                )

    def test_two_are_accepted(self):
        for parameters in ("a, b", "a, b=None", "a, b, /", "a, b, *rest", "a, b, *, c=1", "a, b, **rest"):
            with self.subTest(parameters):
                self.assertTrue(accepted(f"def parse_messages({parameters}): return []\n"))

    def test_a_keyword_that_nobody_gives(self):
        why = broken("def parse_messages(a, b, *, strict): return []\n")
        self.assertIn("parse_messages() requires 'strict'", why)

    def test_what_a_decorator_wraps_is_counted(self):
        decorator = (
            "import functools\n"
            "def decorated(f):\n"
            "    @functools.wraps(f)\n"
            "    def wrapper(*args, **kwargs): return f(*args, **kwargs)\n"
            "    return wrapper\n"
            "@decorated\n"
        )
        self.assertTrue(accepted(decorator + GOOD))
        self.assertIn("takes 1 instead", broken(decorator + "def parse_messages(topic): return []\n"))

    def test_other_callables(self):
        for text in (
            "import functools\ndef f(a, b, c): return []\nparse_messages = functools.partial(f, c=1)\n",
            "class P:\n    def __call__(self, topic, messages): return []\nparse_messages = P()\n",
            "class P:\n    def parse(self, topic, messages): return []\nparse_messages = P().parse\n",
            "parse_messages = lambda topic, messages: []\n",
        ):
            with self.subTest(text):
                self.assertTrue(accepted(text))
        why = broken("class P:\n    def __call__(self, topic): return []\nparse_messages = P()\n")
        self.assertIn("should take exactly 2 arguments, which a P doesn't", why)

    def test_none_and_no_function(self):
        self.assertIn("it defines no parse_messages()", broken("def parse_message(t, m): pass\n"))
        self.assertIn("must be a function with two parameters, topic and messages; it is a list", broken("parse_messages = []\n"))

    def test_a_coroutine_function(self):
        self.assertIn("must not be `async`", broken("async def parse_messages(topic, messages): return []\n"))


class Text(unittest.TestCase):
    def test_headers_of_all_kinds(self):
        for header in (
            "\ufeff",
            "# -*- coding: latin-1 -*-\n",
            "#!/usr/bin/env python\n",
            '"""Doc."""\nfrom __future__ import annotations\n',
        ):
            with self.subTest(header):
                self.assertTrue(accepted(header + GOOD))
        self.assertTrue(accepted((GOOD + "X = 1\n").replace("\n", "\r\n")))

    def test_its_own_tests_are_not_run(self):
        self.assertTrue(accepted(GOOD + "if __name__ == '__main__':\n    raise SystemExit\n"))

    def test_is_a_module_of_its_own(self):
        self.assertTrue(
            accepted(
                "import dataclasses, enum, pickle, sys, typing\n"
                "@dataclasses.dataclass\n"
                "class Event:\n    name: 'str'\n    parent: 'Event | None' = None\n"
                "class Kind(enum.Enum):\n    A = 1\n"
                + GOOD
                + "assert pickle.loads(pickle.dumps(Event('a'))) == Event('a')\n"
                "assert pickle.loads(pickle.dumps(Kind.A)) is Kind.A\n"
                "assert typing.get_type_hints(Event)['parent'] == typing.Optional[Event]\n"
                "assert sys.modules[__name__].Event is Event and __file__ == 'my.py'\n"
            )
        )

    def test_syntax_errors_show_where(self):
        self.assertEqual(
            broken("import json\nx = (1,\ny = 2\n"),
            "my.py: it isn't valid Python:\n"
            '  File "my.py", line 2\n'
            "    x = (1,\n"
            "        ^\n"
            "SyntaxError: '(' was never closed",
        )
        self.assertIn("null bytes", broken("a\0"))

    def test_a_module_that_is_not_there(self):
        why = broken("import json\nimport kafka_soar_no_such\n")
        self.assertTrue(why.startswith("my.py, line 2: No module named 'kafka_soar_no_such': "), why)
        self.assertIn("`kafka-soar parser build my.py --requirement kafka_soar_no_such`", why)
        self.assertIn("SOAR's own modules", broken("import phantom.app as phantom\n"))
        self.assertIn("since 3.12", remedy("my.py", "distutils.util"))
        self.assertIn("--requirement", failed("import kafka_soar_no_such"))

    def test_exceptions_and_exits_while_it_loads(self):
        self.assertEqual(
            broken("limits = {}\nlimits['a']\n").splitlines()[:4],
            [
                "my.py: got an exception while loading it: 'a'",
                "Traceback (most recent call last):",
                '  File "my.py", line 2, in <module>',
                "    limits['a']",
            ],
        )
        self.assertIn("SystemExit", broken("import sys\nsys.exit()\n"))
        self.assertIn("cannot import name 'nope'", broken("from json import nope\n"))


if __name__ == "__main__":
    unittest.main()
