"""Keeps the names of customers up to date: python consumer.py BROKER_URL QUEUE"""

import sys

from kombu import Connection, Consumer, Exchange, Queue

names: dict[str, str] = {}
# In a real consumer both live in its database, and change in one transaction.
versions: dict[str, int] = {}


def on_event(event, message):
    customer, version = event["customer_id"], event["customer_version"]
    if version > versions.get(customer, 0):  # anything else is a repeat, and changes nothing
        versions[customer] = version
        if event["event"] == "CustomerDeletedEvent":
            names.pop(customer, None)
        elif "full_name" in event["changes"]:
            names[customer] = event["changes"]["full_name"]
        print(event["event"], customer, version, flush=True)
    message.ack()  # only now: a consumer that dies before is given the event again


broker, queue_name = sys.argv[1:]
exchange = Exchange("bee.customers.events", "topic", durable=True)
queue = Queue(queue_name, exchange, routing_key="customers.*", durable=True)
with Connection(broker) as connection, Consumer(connection, [queue], callbacks=[on_event], prefetch_count=50):
    while True:
        connection.drain_events()
