import json
import unittest
from struct import pack

from runner.messages import unpack

from .interpreter import Running

ECHO = """
def parse_messages(topic, messages):
    return [{"container": {"topic": topic, "messages": messages}, "artifacts": []}]
"""


class Messages(unittest.TestCase):
    def test_have_three_fields_in_the_originals_order(self):
        (item,) = json.loads(Running(ECHO).parse("a", "bc", first=7))
        self.assertEqual(item["container"]["topic"], "events")
        self.assertEqual(
            [list(message.items()) for message in item["container"]["messages"]],
            [
                [("message", "a"), ("offset", 7), ("partition", 3)],
                [("message", "bc"), ("offset", 8), ("partition", 3)],
            ],
        )

    def test_end_at_code_points(self):
        texts = ["", "é", "日本", "😀x", "", "a\u0301", "\0", "\u2028"]
        (item,) = json.loads(Running(ECHO).parse(*texts))
        self.assertEqual([m["message"] for m in item["container"]["messages"]], texts)

    def test_numbers_have_their_whole_range(self):
        (message,) = unpack("", pack("<I", 0), pack("<q", 2**63 - 1), pack("<i", 2**31 - 1))
        self.assertEqual(message, {"message": "", "offset": 2**63 - 1, "partition": 2**31 - 1})

    def test_state_lasts_from_batch_to_batch(self):
        script = Running(
            "seen = 0\n"
            "def parse_messages(topic, messages):\n"
            "    global seen\n"
            "    seen += len(messages)\n"
            "    return [{'container': {'seen': seen}, 'artifacts': []}]\n"
        )
        script.parse("a", "b")
        self.assertEqual(script.parse("c"), '[{"container":{"seen":3},"artifacts":[]}]')


if __name__ == "__main__":
    unittest.main()
