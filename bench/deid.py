"""Run the de-identification engine over a folder of transcripts and write what it suggests.

The folder holds ``<name>.txt`` and ``register.json``: ``{name: [{entity_id, value}]}``, the
category before the colon of ``entity_id``. Written: ``{name: [{start, end, category,
replacement, ...}]}``, offsets in characters. Speed and memory are printed.
"""

import json
import resource
import sys
import time
from pathlib import Path

from studyhub.domain.redaction.engine import suggest
from studyhub.domain.redaction.linking import Mention, link
from studyhub.domain.redaction.replacements import numbered
from studyhub.domain.redaction.spans import Entry, Hit
from studyhub.domain.redaction.variants import forms_of


def main(folder: Path, out: Path) -> None:
    texts = {
        page.stem: page.read_bytes().decode("utf-8") for page in sorted(folder.glob("*.txt"))
    }
    register = register_of(folder)
    known = prints_of(register).get
    suggest("Warm up, Mr Nobody.")
    began = time.perf_counter()
    spans = {
        name: suggest(text, lambda kind, value: known((kind, value)), register.get(name, ()))
        for name, text in texts.items()
    }
    took = time.perf_counter() - began
    out.write_text(json.dumps(with_replacements(texts, spans), ensure_ascii=False, indent=1))
    words = sum(len(text.split()) for text in texts.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{words} words in {took:.2f} s, {words / took:,.0f} words/s, peak {peak} MB")


def register_of(folder: Path) -> dict[str, list[Entry]]:
    page = folder / "register.json"
    rows = json.loads(page.read_text(encoding="utf-8")) if page.exists() else {}
    return {
        name: [
            Entry(one["entity_id"], one["entity_id"].partition(":")[0], one["value"])
            for one in entries
        ]
        for name, entries in rows.items()
    }


def prints_of(register: dict[str, list[Entry]]) -> dict[tuple[str, str], Hit]:
    """What a study would keep as keyed fingerprints, here in clear."""
    return {
        form: Hit(entry.entity, entry.category)
        for entries in register.values()
        for entry in entries
        for form in forms_of(entry.category, entry.value)
    }


def with_replacements(texts, spans):
    """One replacement for each entity of the study, as the workbench would number them."""
    mentions = [
        Mention(name, texts[name][span.start : span.end], span.category, span.entity)
        for name, found in spans.items()
        for span in found
    ]
    entities = link(mentions)
    named = numbered(
        (entity, mention.category) for entity, mention in zip(entities, mentions, strict=True)
    )
    queue = iter(entities)
    return {
        name: [
            {
                "start": span.start,
                "end": span.end,
                "category": span.category,
                "replacement": named[next(queue)],
                "score": span.score,
                "detector": span.detector,
                "ask": span.ask,
            }
            for span in found
        ]
        for name, found in spans.items()
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
