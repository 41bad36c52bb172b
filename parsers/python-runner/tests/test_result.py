import json
import unittest

from .interpreter import failed, returning

ITEM = "{'container': {}, 'artifacts': []}"


def one(container: str) -> str:
    """JSON of a container that a script gives."""
    return json.loads(returning(f"return [{{'container': {container}, 'artifacts': []}}]").parse("x"))[0]["container"]


def fault(setup: str, container: str = "{'x': x}") -> str:
    """What is said of a container, without what is always said."""
    why = failed(f"{setup}\nreturn [{ITEM}, {{'container': {container}, 'artifacts': []}}]")
    head = "my.py: in what parse_messages() returned, item 1: "
    assert why.startswith(head), why
    return why.removeprefix(head)


class Outline(unittest.TestCase):
    def check(self, body: str, *words: str):
        with self.subTest(body):
            why = failed(body)
            for word in ("my.py: ", *words):
                self.assertIn(word, why)

    def test_anything_but_a_list_is_refused_with_the_remedy(self):
        returned = "parse_messages() must return a list of dicts; it returned "
        self.check("yield {}", returned + "a generator: return list(...) of it")
        self.check("pass", returned + "None: is there a `return` on every path?")
        self.check(f"return {ITEM}", returned + "a dict: return a list of it: [...]")
        self.check("return b'[]'", returned + "bytes")
        self.check("return '[]'", returned + "a str")
        self.check("return ()", returned + "a tuple: return list(...) of it")
        self.check("return map(str, [])", returned + "a map: return list(...) of it")
        self.check("return 1", returned + "an int: return a list")

    def test_items_have_both_fields(self):
        self.check(f"return [{ITEM}, []]", "item 1 must be a dict with 'container' and 'artifacts', is a list")
        self.check("return [{'container': {}}]", "item 0: 'artifacts' is missing (it has 'container')")
        self.check("return [{'artifacts': []}]", "item 0: 'container' is missing")
        self.check("return [{}]", "item 0: 'container' is missing (it has nothing)")
        self.check("return [{'container': None, 'artifacts': []}]", "item 0: 'container' must be a dict, is None")
        self.check("return [{'container': {}, 'artifacts': None}]", "'artifacts' must be a list of dicts, is None: [] for none")
        self.check("return [{'container': {}, 'artifacts': {}}]", "'artifacts' must be a list of dicts, is a dict")
        self.check("return [{'container': {}, 'artifacts': ({},)}]", "is a tuple: list(...) of it")
        self.check("return [{'container': {}, 'artifacts': [{}, {}, 'x']}]", "item 0, artifacts[2] must be a dict, is a str")

    def test_other_fields_are_left_out(self):
        text = returning("return [{'raw': object(), 'container': {'a': 1}, 'artifacts': [{'b': 2}]}]").parse("x")
        self.assertEqual(text, '[{"container":{"a":1},"artifacts":[{"b":2}]}]')

    def test_subclasses_are_as_good(self):
        text = returning(
            "from collections import OrderedDict, defaultdict\n"
            "class L(list): pass\n"
            "item = OrderedDict(container=defaultdict(list, a=[1]), artifacts=L([OrderedDict(b=2)]))\n"
            "return L([item])"
        ).parse("x")
        self.assertEqual(text, '[{"container":{"a":[1]},"artifacts":[{"b":2}]}]')


class Values(unittest.TestCase):
    def test_are_written_as_the_standard_library_does(self):
        self.assertEqual(one("{1: 1, None: 2, True: 3, 1.5: (1, 2)}"), {"1": 3, "null": 2, "1.5": [1, 2]})
        self.assertEqual(one("{'é': '\\u2028😀\\x00'}"), {"é": "\u2028😀\0"})
        self.assertEqual(returning("import enum\nclass E(enum.IntEnum):\n    A = 3\nclass S(str, enum.Enum):\n    B = 'b'\n"
            "return [{'container': {'a': E.A, S.B: S.B}, 'artifacts': []}]").parse("x"),
            '[{"container":{"a":3,"b":"b"},"artifacts":[]}]')

    def test_that_json_lacks_are_told_with_their_place(self):
        for value, words in (
            ("b'x'", "container.x is bytes, which JSON doesn't have: decode it"),
            ("bytearray()", "container.x is a bytearray"),
            ("{1}", "container.x is a set, which JSON doesn't have: sorted(...)"),
            ("frozenset()", "container.x is a frozenset"),
            ("float('nan')", "container.x is nan, which JSON doesn't have: None, or leave it out"),
            ("float('-inf')", "container.x is -inf"),
            ("(c for c in '')", "container.x is a generator, which JSON doesn't have: list(...) of it"),
            ("{}.keys()", "container.x is a dict_keys, which JSON doesn't have: list(...) of it"),
            ("range(2)", "container.x is a range, which JSON doesn't have: list(...) of it"),
            ("__import__('datetime').datetime(2026, 1, 1)", "is a datetime, which JSON doesn't have: str(...) or .isoformat()"),
            ("__import__('decimal').Decimal(1)", "is a Decimal, which JSON doesn't have: float(...)"),
            ("__import__('uuid').UUID(int=1)", "is a UUID, which JSON doesn't have: str(...) of it"),
            ("__import__('ipaddress').ip_address('::1')", "is an IPv6Address, which JSON doesn't have: make it text"),
            ("int", "is a type, which JSON doesn't have: was it to be called?"),
            ("len", "is a builtin_function_or_method, which JSON doesn't have: was it to be called?"),
            ("object()", "is an object, which JSON doesn't have: make it text"),
            ("1j", "is a complex"),
            ("{(1, 2): 3}", "container.x has the key (1, 2), a tuple: a key must be text"),
            ("{float('nan'): 3}", "container.x has the key nan"),
            ("'ab\\udc80'", "container.x has half a surrogate pair, '\\udc80' at position 2"),
            ("{'\\ud800': 1}", "container.x has a key with half a surrogate pair"),
        ):
            with self.subTest(value):
                self.assertIn(words, fault(f"x = {value}"))

    def test_places_are_paths(self):
        self.assertIn("container.a[1].b[('c d')]".replace("('c d')", "'c d'"), fault("", "{'a': [0, {'b': {'c d': {1}}}]}"))
        why = failed("return [{'container': {}, 'artifacts': [{}, {'cef': {'n': {1}}}]}]")
        self.assertIn("item 0: artifacts[1].cef.n is a set", why)

    def test_what_contains_itself(self):
        self.assertEqual(fault("x = []\nx.append([x])"), "container.x[0][0] contains itself: copy what is needed of it")
        # Twice the same object is no circle.
        self.assertEqual(one("(lambda y: {'a': y, 'b': [y, y]})([1])"), {"a": [1], "b": [[1], [1]]})

    def test_what_is_too_deep_for_the_encoder(self):
        why = fault("x = 1\nfor _ in range(20_000):\n    x = [x]")
        self.assertIn("is nested more than 100 deep: make it flatter", why)

    def test_the_first_of_several_is_told(self):
        self.assertIn("container.a is", fault("", "{'a': {1}, 'b': {2}}"))

    def test_an_encoder_that_a_script_changed(self):
        text = returning(
            "import json\nbefore = json.JSONEncoder.default\njson.JSONEncoder.default = lambda self, value: sorted(value)\n"
            "class Once(list):\n    pass\n"
            "return [{'container': {'s': {2, 1}}, 'artifacts': []}]"
        )
        encoder = json.JSONEncoder.default
        try:
            self.assertEqual(text.parse("x"), '[{"container":{"s":[1,2]},"artifacts":[]}]')
        finally:
            json.JSONEncoder.default = encoder


if __name__ == "__main__":
    unittest.main()
