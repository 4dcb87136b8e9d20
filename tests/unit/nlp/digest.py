"""Prints, as JSON, a digest of all messages for the first HOW_MANY of the project's gold articles.

python digest.py HOW_MANY [--backwards]
"""

import ctypes
import hashlib
import json
import platform
import sys

import numpy

from worker.commands.score.command import OWN_GOLD
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import RawMessage
from worker.scoring.gold import read_gold
from worker.settings import Settings

ARCH_PRCTL, ARCH_GET_XCOMP_PERM, TILES = 158, 0x1022, 1 << 18


def uses_amx() -> bool:
    """Whether this process asked Linux for AMX's tiles, as ONNX Runtime does before it uses them."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return False
    mask = ctypes.c_ulong()
    ctypes.CDLL(None).syscall(ARCH_PRCTL, ARCH_GET_XCOMP_PERM, ctypes.byref(mask))
    return bool(mask.value & TILES)


many, *options = sys.argv[1:]
articles = list(read_gold(OWN_GOLD, held_out=frozenset(), everything=True).articles.values())[: int(many)]
articles = articles[::-1] if "--backwards" in options else articles
enricher = make_enricher(EnrichmentConfig.from_settings(Settings.from_env({})))
written = {}
for article in articles:
    body = {"id": article.id, "headline": article.headline, "text": article.text, "language": "en"}
    place = sorted(one.id for one in articles).index(article.id)
    messages = enricher(RawMessage("articles.raw.v1", 0, place, 0, None, json.dumps(body).encode()))
    written[article.id] = [(str(m.channel), repr(m.key), repr(m.value), repr(m.headers)) for m in messages]
features = numpy._core._multiarray_umath.__cpu_features__
print(
    json.dumps(
        {
            "digest": hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest(),
            "messages": sum(map(len, written.values())),
            "features": [name for name, there in features.items() if there] + ["AMX"] * uses_amx(),
        }
    )
)
