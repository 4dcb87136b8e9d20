"""Makes tables that ship with the worker from data of others."""
