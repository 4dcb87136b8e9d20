"""In place of a pipeline: makes an article's records at no cost, and tells three steps as a real one does."""

from tests.faults.enricher import make_trivial_enricher
from worker.channels import Channel
from worker.records.messages import Outcome, RawMessage

_STEPS = ("decode", "enrich", "derive")
# Of what the lane of the trial declares to write.
_CHANNELS = (Channel.ENRICHED, Channel.SEARCH)


class InSteps:
    """The trivial enricher, with `seconds`."""

    def __init__(self) -> None:
        self._enrich = make_trivial_enricher(0.0, "1", _CHANNELS)
        self.seconds = dict.fromkeys(_STEPS, 1e-5)

    def __call__(self, message: RawMessage) -> Outcome:
        return self._enrich(message)
