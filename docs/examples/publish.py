"""Publishes one event as the agent of host node-1 and waits for its confirmation.

Needs the client: pip install 'nats-py[nkeys]'
"""

import asyncio
import json
import os

import nats


async def main():
    folder = os.environ.get("HOOKLINE_DATA_DIR", ".hookline")
    with open(f"{folder}/endpoints.json") as file:
        endpoints = json.load(file)
    prefix = endpoints["natsInboxPrefix"]

    connection = await nats.connect(
        endpoints["nats"],
        user_credentials=endpoints["natsCreds"],
        inbox_prefix=prefix.encode(),
    )
    inbox = f"{prefix}.confirmations"
    confirmations = await connection.subscribe(inbox)
    event = {"server_id": "srv_abc123", "name": "production-web-01", "status": "stopped"}
    await connection.publish(
        "hv.default.node-1.server.stopped",
        json.dumps(event).encode(),
        headers={"Nats-Msg-Id": "node-1-stop-0001", "Hookline-Confirm-To": inbox},
    )
    confirmation = await confirmations.next_msg(timeout=10)
    print(confirmation.data.decode())
    await connection.drain()


asyncio.run(main())
