import asyncio
import unittest

from runner.loop import Loop


def run(main):
    loop = Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


class EventLoop(unittest.TestCase):
    def test_waits_take_no_time_and_keep_their_order(self):
        order = []

        async def wait(seconds):
            await asyncio.sleep(seconds)
            order.append(seconds)

        async def main():
            await asyncio.gather(wait(3600), wait(60), wait(0))

        run(main())
        self.assertEqual(order, [0, 60, 3600])

    def test_timeouts_come(self):
        async def main():
            await asyncio.wait_for(asyncio.Event().wait(), 60)

        with self.assertRaises(asyncio.TimeoutError):
            run(main())

    def test_what_nothing_can_end_is_told(self):
        async def main():
            await asyncio.Event().wait()

        with self.assertRaisesRegex(RuntimeError, "can't happen in a sandbox"):
            run(main())


if __name__ == "__main__":
    unittest.main()
