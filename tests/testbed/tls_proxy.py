#!/usr/bin/env python3
"""Puts TLS before a port of 127.0.0.1, for tests.

  tls_proxy.py CERTIFICATE KEY PORT

Prints the port that it listens on and serves until its standard input ends.
"""

import asyncio
import ssl
import sys
from asyncio import StreamReader, StreamWriter

certificate, key, target = sys.argv[1:]


async def copy(source: StreamReader, sink: StreamWriter) -> None:
    try:
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", int(target))
    await asyncio.gather(copy(reader, back), copy(there, writer))


async def main() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
