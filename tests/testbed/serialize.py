#!/usr/bin/env python3
"""Messages in Schema Registry's wire format, written by confluent-kafka's own serializers.

  serialize.py URL   registers schemas at a registry and prints a line of JSON a message:
                     {"case": name, "value": base64}
"""

import base64
import datetime
import decimal
import json
import sys
import urllib.request
import uuid

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

client = SchemaRegistryClient({"url": sys.argv[1]})


def show(case: str, serializer: object, value: object) -> None:
    context = SerializationContext(case, MessageField.VALUE)
    data = base64.b64encode(serializer(value, context)).decode()
    print(json.dumps({"case": case, "value": data}))


# ---- Avro ----

ADDRESS = {
    "type": "record",
    "name": "net.Address",
    "fields": [
        {"name": "ip", "type": "string"},
        {"name": "port", "type": ["null", "int"], "default": None},
    ],
}
EVENT = {
    "type": "record",
    "name": "Event",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "source", "type": ADDRESS},
        {"name": "target", "type": ["null", "net.Address"]},
        {"name": "action", "type": {"type": "enum", "name": "Action", "symbols": ["ALLOW", "DENY"]}},
        {"name": "labels", "type": {"type": "map", "values": ["string", "boolean"]}},
        {"name": "ports", "type": {"type": "array", "items": "int"}},
        {"name": "raw", "type": "bytes"},
        {"name": "mac", "type": {"type": "fixed", "name": "Mac", "size": 6}},
        {"name": "score", "type": "double"},
        {"name": "ratio", "type": "float"},
        {
            "name": "amount",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 3},
        },
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "at_micros", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "time", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "parent", "type": ["null", "Event"]},
    ],
}


def event(parent: object) -> dict:
    utc = datetime.timezone.utc
    return {
        "id": -(2**62),
        "source": {"ip": "10.0.0.1", "port": 443},
        "target": None if parent else {"ip": "größe \u2028 \"quoted\"", "port": None},
        "action": "DENY",
        "labels": {"env": "prod", "seen": True} if not parent else {},
        "ports": [] if parent else [1, -1, 65535],
        "raw": b"\x00\xff",
        "mac": bytes(range(6)),
        "score": 0.1,
        "ratio": 0.5,
        "amount": decimal.Decimal("-1234567.089"),
        "at": datetime.datetime(2026, 11, 24, 10, 30, 0, 123000, utc),
        "at_micros": datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, utc),
        "day": datetime.date(2026, 2, 28),
        "time": datetime.time(23, 59, 59, 1),
        "uuid": uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"),
        "parent": parent,
    }


show("avro", AvroSerializer(client, json.dumps(EVENT)), event(event(None)))
show("avro-text", AvroSerializer(client, '"string"'), "only text")

client.register_schema("addresses", Schema(json.dumps(ADDRESS), "AVRO"))
PAIR = {
    "type": "record",
    "name": "Pair",
    "fields": [{"name": "a", "type": "net.Address"}, {"name": "b", "type": "net.Address"}],
}
reference = SchemaReference("net.Address", "addresses", 1)
pair = {"a": {"ip": "::1", "port": 1}, "b": {"ip": "::2", "port": None}}
show("avro-reference", AvroSerializer(client, Schema(json.dumps(PAIR), "AVRO", [reference])), pair)

# ---- JSON Schema ----

DOCUMENT = {"title": "Doc", "type": "object", "properties": {"n": {"type": "number"}}}
show("json", JSONSerializer(json.dumps(DOCUMENT), client), {"n": 1.5, "t": "größe"})

# ---- Protobuf: the registry has .proto text, the classes come from the same as descriptors ----

COMMON = """syntax = "proto3";
package net;
message Address { string ip = 1; optional int32 port = 2; }
"""
MAIN = """syntax = "proto3";
package fw;
import "net/common.proto";
import "google/protobuf/timestamp.proto";
message Ignored { string x = 1; }
message Event {
  message Rule { int64 number = 1; }
  enum Action { ALLOW = 0; DENY = 1; }
  net.Address source = 1;
  Action action = 2;
  map<string, int32> counts = 3;
  repeated Rule rules = 4;
  oneof verdict { string reason = 5; bool silent = 6; }
  google.protobuf.Timestamp seen_at = 7;
  bytes raw_data = 8;
  uint64 big = 9;
}
"""

F = descriptor_pb2.FieldDescriptorProto


def field(name: str, number: int, kind: int, **more: object) -> object:
    label = F.LABEL_REPEATED if more.pop("repeated", False) else F.LABEL_OPTIONAL
    return F(name=name, number=number, type=kind, label=label, **more)


def tell(text: str, serialized: str) -> None:
    """A registry converts one into the other by itself."""
    data = json.dumps({"text": text, "serialized": serialized}).encode()
    urllib.request.urlopen(f"{sys.argv[1]}/_serialized", data).close()


def classes() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    common = descriptor_pb2.FileDescriptorProto(
        name="net/common.proto", package="net", syntax="proto3"
    )
    address = common.message_type.add(name="Address")
    address.field.append(field("ip", 1, F.TYPE_STRING))
    address.field.append(field("port", 2, F.TYPE_INT32, oneof_index=0, proto3_optional=True))
    address.oneof_decl.add(name="_port")
    pool.Add(common)
    main = descriptor_pb2.FileDescriptorProto(name="main.proto", package="fw", syntax="proto3")
    main.dependency.extend(["net/common.proto", "google/protobuf/timestamp.proto"])
    main.message_type.add(name="Ignored").field.append(field("x", 1, F.TYPE_STRING))
    event = main.message_type.add(name="Event")
    event.nested_type.add(name="Rule").field.append(field("number", 1, F.TYPE_INT64))
    entry = event.nested_type.add(name="CountsEntry")
    entry.options.map_entry = True
    entry.field.append(field("key", 1, F.TYPE_STRING))
    entry.field.append(field("value", 2, F.TYPE_INT32))
    action = event.enum_type.add(name="Action")
    action.value.add(name="ALLOW", number=0)
    action.value.add(name="DENY", number=1)
    event.oneof_decl.add(name="verdict")
    event.field.extend(
        [
            field("source", 1, F.TYPE_MESSAGE, type_name=".net.Address"),
            field("action", 2, F.TYPE_ENUM, type_name=".fw.Event.Action"),
            field("counts", 3, F.TYPE_MESSAGE, type_name=".fw.Event.CountsEntry", repeated=True),
            field("rules", 4, F.TYPE_MESSAGE, type_name=".fw.Event.Rule", repeated=True),
            field("reason", 5, F.TYPE_STRING, oneof_index=0),
            field("silent", 6, F.TYPE_BOOL, oneof_index=0),
            field("seen_at", 7, F.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp"),
            field("raw_data", 8, F.TYPE_BYTES),
            field("big", 9, F.TYPE_UINT64),
        ]
    )
    pool.Add(main)
    for text, descriptor in ((COMMON, common), (MAIN, main)):
        tell(text, base64.b64encode(descriptor.SerializeToString()).decode())
    return pool


pool = classes()
Event = message_factory.GetMessageClass(pool.FindMessageTypeByName("fw.Event"))
Rule = message_factory.GetMessageClass(pool.FindMessageTypeByName("fw.Event.Rule"))
Ignored = message_factory.GetMessageClass(pool.FindMessageTypeByName("fw.Ignored"))

client.register_schema("common", Schema(COMMON, "PROTOBUF"))
imports = [SchemaReference("net/common.proto", "common", 1)]
LATEST = {"auto.register.schemas": False, "use.latest.version": True, "use.deprecated.format": False}


def show_protobuf(case: str, message: object) -> None:
    """Its schema is registered as text first, as people do."""
    client.register_schema(f"{case}-value", Schema(MAIN, "PROTOBUF", imports))
    show(case, ProtobufSerializer(type(message), client, LATEST), message)


seen = Event(action=1, reason="größe", raw_data=b"\x00\xff", big=2**64 - 1)
seen.source.ip = "10.0.0.1"
seen.source.port = 0
seen.counts["a"] = -1
seen.rules.add(number=2**53 + 1)
seen.seen_at.FromJsonString("2026-11-24T10:30:00.5Z")
show_protobuf("protobuf", seen)
show_protobuf("protobuf-first", Ignored(x="first type: its path is a single zero"))
# Here the serializer registers it, imports included: it can't use the latest for a nested type.
OWN = {"auto.register.schemas": True, "use.deprecated.format": False}
show("protobuf-nested", ProtobufSerializer(Rule, client, OWN), Rule(number=-7))
