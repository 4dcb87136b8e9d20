"""Traces for OpenTelemetry: spans of what each record went through, sent by OTLP. Off unless asked for."""
