"""Sends log records with the OpenTelemetry SDK: send.py PROTOCOL ENDPOINT COUNT."""

import sys

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

START = 1795431600000000000


def exporter_for(protocol, endpoint):
    # Each is imported when it is asked for: the start of one is most of the time that a test takes.
    if protocol == "http/protobuf":
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        return OTLPLogExporter(endpoint=endpoint + "/v1/logs")
    if protocol == "http/json":
        from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter

        return OTLPLogExporter(endpoint=endpoint + "/v1/logs")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter

        return OTLPLogExporter(endpoint=endpoint, insecure=True)
    raise ValueError(f"no exporter for {protocol}")


def context_of(n):
    span = SpanContext(
        trace_id=(0x5B8EFFF798038103 << 64) | (n + 1),
        span_id=n + 1,
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return set_span_in_context(NonRecordingSpan(span))


def record_of(n):
    at = START + n * 1_000_003
    return LogRecord(
        timestamp=at,
        observed_timestamp=at + 1500,
        context=context_of(n),
        severity_number=SeverityNumber.WARN,
        severity_text="Warnung",
        event_name="order.refund",
        body=f"refund {n}",
        attributes={
            "audit.record.id": f"8f3c0000-0000-4000-8000-{n:012d}",
            "audit.actor.id": f"u_{n % 97}",
            "audit.action": "order.refund",
            "audit.outcome": "denied",
            "unicode": "Zoë 🧾 \u2028 \0",
            "blank": "",
            "allowed": n % 2 == 0,
            "index": n,
            "negative": -n - 1,
            "large": 9007199254740993 + n,
            "smallest": -(2**63),
            "largest": 2**63 - 1,
            "amount": n + 0.25,
            "tiny": 5e-324,
            "huge": sys.float_info.max,
            "payload": bytes([n & 0xFF, 0, 255]),
            "tags": ["a", "b", str(n)],
            "flags": [True, False],
            "numbers": [1, -2, 9007199254740993],
            "ratios": [0.5, -2.25],
            "mixed": [1, "two", True, [n], b"\x00\x01"],
            "nested": {"order": {"id": n, "lines": [{"sku": "x", "open": True}]}},
        },
    )


def send(protocol, endpoint, count):
    processor = BatchLogRecordProcessor(exporter_for(protocol, endpoint), max_queue_size=count)
    provider = LoggerProvider(
        resource=Resource({"service.name": "orders", "service.version": "1.2.3", "shard": 7})
    )
    provider.add_log_record_processor(processor)
    logger = provider.get_logger("audit", "0.3.0", schema_url="https://example.com/audit/1")
    for n in range(count):
        logger.emit(record_of(n))
    if not provider.force_flush():
        raise RuntimeError("not all was sent in time")
    provider.shutdown()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("send.py PROTOCOL ENDPOINT COUNT")
    send(sys.argv[1], sys.argv[2], int(sys.argv[3]))
