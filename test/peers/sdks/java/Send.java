// Sends log records with the OpenTelemetry SDK: java Send.java PROTOCOL ENDPOINT COUNT.

import static io.opentelemetry.api.common.AttributeKey.booleanArrayKey;
import static io.opentelemetry.api.common.AttributeKey.doubleArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.resources.Resource;
import java.util.List;
import java.util.concurrent.TimeUnit;

final class Send {
  private static final long START = 1795431600000000000L;

  private static LogRecordExporter exporterFor(String protocol, String endpoint) {
    return switch (protocol) {
      case "http/protobuf" ->
          OtlpHttpLogRecordExporter.builder().setEndpoint(endpoint + "/v1/logs").build();
      case "grpc" -> OtlpGrpcLogRecordExporter.builder().setEndpoint(endpoint).build();
      default -> throw new IllegalArgumentException("no exporter for " + protocol);
    };
  }

  private static Context contextOf(int n) {
    String traceId = String.format("5b8efff798038103%016x", n + 1);
    String spanId = String.format("%016x", n + 1);
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.create(
                    traceId, spanId, TraceFlags.getSampled(), TraceState.getDefault())));
  }

  private static void emit(Logger logger, int n) {
    long at = START + n * 1_000_003L;
    logger
        .logRecordBuilder()
        .setTimestamp(at, TimeUnit.NANOSECONDS)
        .setObservedTimestamp(at + 1500, TimeUnit.NANOSECONDS)
        .setContext(contextOf(n))
        .setSeverity(Severity.WARN)
        .setSeverityText("Warnung")
        .setEventName("order.refund")
        .setBody("refund " + n)
        .setAttribute("audit.record.id", String.format("8f3c0000-0000-4000-8000-%012d", n))
        .setAttribute("audit.actor.id", "u_" + n % 97)
        .setAttribute("audit.action", "order.refund")
        .setAttribute("audit.outcome", "denied")
        .setAttribute("unicode", "Zoë 🧾 \u2028 \0")
        .setAttribute("blank", "")
        .setAttribute("allowed", n % 2 == 0)
        .setAttribute("index", n)
        .setAttribute("negative", -n - 1)
        .setAttribute("large", 9007199254740993L + n)
        .setAttribute("smallest", Long.MIN_VALUE)
        .setAttribute("largest", Long.MAX_VALUE)
        .setAttribute("amount", n + 0.25)
        .setAttribute("tiny", Double.MIN_VALUE)
        .setAttribute("huge", Double.MAX_VALUE)
        .setAttribute("payload", Value.of(new byte[] {(byte) n, 0, (byte) 255}))
        .setAttribute(stringArrayKey("tags"), List.of("a", "b", String.valueOf(n)))
        .setAttribute(booleanArrayKey("flags"), List.of(true, false))
        .setAttribute(longArrayKey("numbers"), List.of(1L, -2L, 9007199254740993L))
        .setAttribute(doubleArrayKey("ratios"), List.of(0.5, -2.25))
        .setAttribute(
            "mixed",
            Value.of(
                Value.of(1), Value.of("two"), Value.of(true), Value.of(Value.of(n)),
                Value.of(new byte[] {0, 1})))
        .setAttribute(
            "nested",
            Value.of(
                KeyValue.of(
                    "order",
                    Value.of(
                        KeyValue.of("id", Value.of(n)),
                        KeyValue.of(
                            "lines",
                            Value.of(
                                List.of(
                                    Value.of(
                                        KeyValue.of("sku", Value.of("x")),
                                        KeyValue.of("open", Value.of(true))))))))))
        .emit();
  }

  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("Send.java PROTOCOL ENDPOINT COUNT");
      System.exit(2);
    }
    int count = Integer.parseInt(args[2]);
    BatchLogRecordProcessor processor =
        BatchLogRecordProcessor.builder(exporterFor(args[0], args[1])).setMaxQueueSize(count).build();
    Resource resource =
        Resource.create(
            Attributes.of(
                stringKey("service.name"), "orders", stringKey("service.version"), "1.2.3",
                longKey("shard"), 7L));
    SdkLoggerProvider provider =
        SdkLoggerProvider.builder().setResource(resource).addLogRecordProcessor(processor).build();
    Logger logger =
        provider
            .loggerBuilder("audit")
            .setInstrumentationVersion("0.3.0")
            .setSchemaUrl("https://example.com/audit/1")
            .build();
    for (int n = 0; n < count; n++) {
      emit(logger, n);
    }
    boolean isSent = provider.forceFlush().join(60, TimeUnit.SECONDS).isSuccess();
    isSent &= provider.shutdown().join(60, TimeUnit.SECONDS).isSuccess();
    System.exit(isSent ? 0 : 1);
  }
}
