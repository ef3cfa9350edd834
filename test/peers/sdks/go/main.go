// Sends log records with the OpenTelemetry SDK: go-client PROTOCOL ENDPOINT COUNT.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

const start = 1795431600000000000

func exporterFor(ctx context.Context, protocol, endpoint string) (sdklog.Exporter, error) {
	switch protocol {
	case "http/protobuf":
		return otlploghttp.New(ctx, otlploghttp.WithEndpointURL(endpoint+"/v1/logs"))
	case "grpc":
		return otlploggrpc.New(ctx, otlploggrpc.WithEndpointURL(endpoint))
	}
	return nil, fmt.Errorf("no exporter for %s", protocol)
}

func spanOf(n int) trace.SpanContext {
	var traceID trace.TraceID
	var spanID trace.SpanID
	binary.BigEndian.PutUint64(traceID[:], 0x5b8efff798038103)
	binary.BigEndian.PutUint64(traceID[8:], uint64(n+1))
	binary.BigEndian.PutUint64(spanID[:], uint64(n+1))
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled,
	})
}

func recordOf(n int) log.Record {
	var record log.Record
	at := time.Unix(0, start+int64(n)*1_000_003)
	record.SetTimestamp(at)
	record.SetObservedTimestamp(at.Add(1500))
	record.SetSeverity(log.SeverityWarn)
	record.SetSeverityText("Warnung")
	record.SetEventName("order.refund")
	record.SetBody(attribute.StringValue(fmt.Sprintf("refund %d", n)))
	record.AddAttributes(
		attribute.String("audit.record.id", fmt.Sprintf("8f3c0000-0000-4000-8000-%012d", n)),
		attribute.String("audit.actor.id", fmt.Sprintf("u_%d", n%97)),
		attribute.String("audit.action", "order.refund"),
		attribute.String("audit.outcome", "denied"),
		attribute.String("unicode", "Zoë 🧾 \u2028 \x00"),
		attribute.String("blank", ""),
		attribute.Bool("allowed", n%2 == 0),
		attribute.Int("index", n),
		attribute.Int("negative", -n-1),
		attribute.Int64("large", 9007199254740993+int64(n)),
		attribute.Int64("smallest", math.MinInt64),
		attribute.Int64("largest", math.MaxInt64),
		attribute.Float64("amount", float64(n)+0.25),
		attribute.Float64("tiny", 5e-324),
		attribute.Float64("huge", math.MaxFloat64),
		attribute.ByteSlice("payload", []byte{byte(n), 0, 255}),
		attribute.StringSlice("tags", []string{"a", "b", strconv.Itoa(n)}),
		attribute.BoolSlice("flags", []bool{true, false}),
		attribute.Int64Slice("numbers", []int64{1, -2, 9007199254740993}),
		attribute.Float64Slice("ratios", []float64{0.5, -2.25}),
		attribute.Slice("mixed",
			attribute.IntValue(1), attribute.StringValue("two"), attribute.BoolValue(true),
			attribute.SliceValue(attribute.IntValue(n)), attribute.ByteSliceValue([]byte{0, 1})),
		attribute.Map("nested", attribute.Map("order",
			attribute.Int("id", n),
			attribute.Slice("lines", attribute.MapValue(
				attribute.String("sku", "x"), attribute.Bool("open", true))))),
	)
	return record
}

func send(protocol, endpoint string, count int) error {
	ctx := context.Background()
	exporter, err := exporterFor(ctx, protocol, endpoint)
	if err != nil {
		return err
	}
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "orders"), attribute.String("service.version", "1.2.3"),
			attribute.Int("shard", 7))),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter, sdklog.WithMaxQueueSize(count))),
	)
	logger := provider.Logger("audit",
		log.WithInstrumentationVersion("0.3.0"), log.WithSchemaURL("https://example.com/audit/1"))
	for n := range count {
		logger.Emit(trace.ContextWithSpanContext(ctx, spanOf(n)), recordOf(n))
	}
	if err := provider.ForceFlush(ctx); err != nil {
		return err
	}
	return provider.Shutdown(ctx)
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "go-client PROTOCOL ENDPOINT COUNT")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[3])
	if err == nil {
		err = send(os.Args[1], os.Args[2], count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
