"""OpenTelemetry, only where OTEL_EXPORTER_OTLP_ENDPOINT names a collector."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def start() -> None:
    """Send traces of requests and queries to the collector; without one, do nothing."""
    if not settings.OTEL_ENDPOINT:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the tracing packages aren't installed: "
            "pip install --require-hashes -r requirements/otel.txt"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "quancheng"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    PsycopgInstrumentor().instrument()
