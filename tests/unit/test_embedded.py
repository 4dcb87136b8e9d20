"""The embedded broker where its package is missing."""

import sys

import pytest

from worker.embedded import NoEmbeddedBrokerError, embedded_broker


def test_a_missing_package_says_how_it_is_installed_from_the_checkout(monkeypatch):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with (
        pytest.raises(
            NoEmbeddedBrokerError, match=r"pip install -c constraints\.txt '\.\[demo\]' in the checkout"
        ),
        embedded_broker(),
    ):
        pass
